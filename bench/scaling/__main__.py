"""`python -m bench.scaling`: simulate many nodes from what was measured, and write it into docs/scaling.md."""

import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from bench.databases import databases
from bench.disk import NotADisk, sync_milliseconds
from bench.machine import machine_facts
from bench.running import say
from bench.scaling.costs import Measured, load_measured
from bench.scaling.measuring import measure_calls, set_up
from bench.scaling.page import write_page
from bench.scaling.served import measure_served
from bench.scaling.simulated import load_simulated
from bench.scaling.simulating import simulate
from bench.wrk import WrkMissing, require_wrk

app = typer.Typer(help=__doc__, add_completion=False, pretty_exceptions_enable=False)
_PAGE = Path("docs/scaling.md")
_FOLDER = _PAGE.with_suffix("")
_MEASURED, _SIMULATED = _FOLDER / "measured.json", _FOLDER / "simulated.json"
_REFUSED = 2
_QUICK = 0.1  # of the syncs: what the disk takes when nobody else has it


@app.callback(invoke_without_command=True)
def run(context: typer.Context) -> None:
    """Simulate, some minutes, and write the page. The same numbers each time."""
    if context.invoked_subcommand is None:
        simulate(load_measured(_MEASURED), say).save(_SIMULATED)
        write_page(_PAGE, load_measured(_MEASURED), load_simulated(_SIMULATED))


@app.command("measure")
def measure_command(
    rounds: Annotated[int, typer.Option(min=1, max=20)] = 3,
    seconds: Annotated[int, typer.Option(min=1, max=60, help="Length of each run under load.")] = 3,
    data_dir: Annotated[Path, typer.Option(help="A folder on a disk, for the database.")] = Path("/var/tmp"),  # noqa: S108
) -> None:
    """Measure on a Postgres of its own what transactions cost here, into docs/scaling/measured.json."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: the servers are stopped on the way out
    begun = time.monotonic()
    try:
        require_wrk()
        with databases(("postgresql",), data_dir) as opened:
            facts = {**machine_facts(opened), "rounds": rounds, "seconds": seconds}
            facts["quick_sync_ms"] = round(sync_milliseconds(opened.folder, _QUICK), 3)
            set_up(opened)
            costs = measure_calls(opened, rounds)
            runs, facts["check"] = measure_served(opened, rounds, seconds)
    except (WrkMissing, NotADisk) as error:
        typer.echo(f"scaling: {error}", err=True)
        raise typer.Exit(_REFUSED) from error
    facts["minutes"] = round((time.monotonic() - begun) / 60)
    Measured(facts, costs, runs).save(_MEASURED)


@app.command("page")
def page_command() -> None:
    """Write the page's figures again, from both files."""
    write_page(_PAGE, load_measured(_MEASURED), load_simulated(_SIMULATED))


if __name__ == "__main__":
    app()
