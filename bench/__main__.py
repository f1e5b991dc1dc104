"""`python -m bench`: measure the service, seed a database, or make the page from a file of results."""

import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bench.databases import KINDS, databases
from bench.disk import NotADisk
from bench.figures import GROWTH, UnknownFigure
from bench.growth import run_growth
from bench.machine import machine_facts
from bench.page import write_page
from bench.population import sized
from bench.results import Results
from bench.running import Plan, run_figures, say
from bench.seeding import seed
from bench.wrk import WrkMissing, require_wrk
from chatsvc.db.urls import BadDatabaseUrl

app = typer.Typer(help=__doc__, add_completion=False, pretty_exceptions_enable=False)
_PAGE = Path("docs/performance.md")
_RECORDED = Path("docs/performance/results.json")
_REFUSED = 2


@app.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    *,
    only: Annotated[str, typer.Option(help="Figures, separated by commas; all by default.")] = "",
    rounds: Annotated[int, typer.Option(min=1, max=50)] = 3,
    seconds: Annotated[int, typer.Option(min=1, max=60, help="Length of each measurement.")] = 3,
    kinds: Annotated[str, typer.Option("--databases", help="sqlite, postgresql, or both.")] = ",".join(KINDS),
    growth: Annotated[str, typer.Option(help="Numbers of messages.")] = "10000,1000000,5000000",
    no_growth: Annotated[bool, typer.Option("--no-growth", help="One size only.")] = False,
    results_file: Annotated[Path, typer.Option("--results", help="Where to write.")] = Path(".bench/results.json"),
    record: Annotated[bool, typer.Option("--record", help=f"Write {_PAGE} and its pictures too.")] = False,
    data_dir: Annotated[Path, typer.Option(help="A folder on a disk, for the databases.")] = Path("/var/tmp"),  # noqa: S108
) -> None:
    """Measure the service beside a floor and a plain baseline, and write the results."""
    if context.invoked_subcommand is not None:
        return
    signal.signal(signal.SIGTERM, lambda *_: _ended())
    if unknown := set(_listed(kinds)) - set(KINDS):
        _refuse(f"no database {', '.join(unknown)}: there are {', '.join(KINDS)}")
    plan = Plan(rounds, seconds, _listed(kinds), _listed(only))
    sizes = () if no_growth or (plan.only and GROWTH not in plan.only) else _sizes(growth)
    results = Results()
    try:
        require_wrk()
        _measure(plan, sizes, data_dir, results, results_file)
    except (WrkMissing, NotADisk, UnknownFigure) as error:
        _refuse(str(error))
    say(f"results: {results_file}")
    if record:  # only what came to its end
        results.save(_RECORDED)
        write_page(_RECORDED, _PAGE, _RECORDED.parent)
    if results.broken:
        raise typer.Exit(1)


@app.command("seed")
def seed_command(
    url: Annotated[str, typer.Option(help="An empty database, as in CHATSVC_DATABASE_URL.")],
    messages: Annotated[int, typer.Option(min=1)],
) -> None:
    """Fill an empty database with so many messages, quickly. `chatsvc check` passes on it."""
    try:
        seed(url, sized(messages, datetime.now(UTC)), say)
    except (BadDatabaseUrl, ValueError) as error:
        _refuse(str(error))


@app.command("page")
def page_command(
    results_file: Annotated[Path, typer.Argument(help="What a run has written.")] = _RECORDED,
    page: Annotated[Path, typer.Option(help="Where to; the pictures go into a folder beside it.")] = _PAGE,
) -> None:
    """Make the page and its pictures from a file of results."""
    write_page(results_file, page, page.with_suffix(""))


def _measure(plan: Plan, sizes: tuple[int, ...], data_dir: Path, results: Results, written: Path) -> None:
    """What was measured is written also when the run does not come to its end."""
    begun = time.monotonic()
    with databases(plan.kinds, data_dir) as opened:
        try:
            results.facts = {**machine_facts(opened), "rounds": plan.rounds, "seconds": plan.seconds}
            run_figures(plan, opened, results)
            if sizes:
                run_growth(plan, sizes, opened, results)
        finally:
            results.facts["minutes"] = round((time.monotonic() - begun) / 60)
            results.save(written)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _sizes(text: str) -> tuple[int, ...]:
    """Too small a one is told at once, and not after some minutes."""
    try:
        sizes = sorted(int(size) for size in _listed(text))
        for size in sizes:
            sized(size, datetime.now(UTC))
    except ValueError as error:
        _refuse(f"--growth: {error}")
    return tuple(sizes)


def _ended() -> NoReturn:
    """As Ctrl-C does: every server is stopped on the way out."""
    raise KeyboardInterrupt


def _refuse(message: str) -> NoReturn:
    typer.echo(f"bench: {message}", err=True)
    raise typer.Exit(_REFUSED)


if __name__ == "__main__":
    app()
