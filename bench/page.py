"""docs/performance.md from a file of results, and from nothing else."""

from collections.abc import Iterator
from pathlib import Path

from bench.growth_section import growth_section, same_messages
from bench.machine_section import limits_section, machine_section
from bench.results import Results, load
from bench.speed_section import speed_section
from bench.tables import MISSING, between, number, table
from bench.targets import NAMES, Target, targets

_INTRODUCTION = """\
# Performance

What the service costs beside two servers that do less, measured in one run on one machine:

- **the floor**: a FastAPI endpoint that checks a JWT, validates a body and answers by a response model. No database.
- **the plain baseline**: sending as one usually writes it with FastAPI and SQLModel: an ORM session and a transaction
  for each request, over the same tables, with the same promises and the same durability.
- **the service**: `chatsvc serve`, with its log written to a file.

Figures move with the machine; ratios within one run hold. Every number here is computed from
[performance/results.json](performance/results.json)."""

_REPEATING = """\
## Repeat it

```sh
apt-get install wrk     # the load generator, from the packages of the distribution (Linux: costs are read in /proc)
make bench              # measures; results in .bench/results.json
make bench ARGS="--record"                      # and writes this page and its pictures
make bench ARGS="--only sends,batch --rounds 5 --no-growth"
.venv/bin/python -m bench page .bench/results.json    # the page again, from results
.venv/bin/python -m bench seed --url sqlite:////var/tmp/big.db --messages 1000000
```

The databases lie in `/var/tmp`, or in another folder on a disk that `--data-dir` names: several GB with growth, gone at
the end. `--help` tells the rest."""


def write_page(results_file: Path, page: Path, pictures: Path) -> None:
    """The page, and its pictures into a folder beside it."""
    from bench.pictures import draw  # noqa: PLC0415 - only who draws needs the library

    results = load(results_file)
    page.write_text(page_of(results))
    draw(results, pictures)


def page_of(results: Results) -> str:
    """The text of the page."""
    parts = [
        _INTRODUCTION,
        *_failures(results),
        targets_section(results),
        _REPEATING + _took(results),
        machine_section(results),
        speed_section(results),
        growth_section(results),
        limits_section(results),
    ]
    return "\n\n".join(parts) + "\n"


def _took(results: Results) -> str:
    minutes = results.facts.get("minutes")
    return f" The run that this page tells of took {minutes} minutes." if minutes else ""


def targets_section(results: Results) -> str:
    rows = [_target_row(target, results) for target in targets(results)]
    rows += [_plans_row(results, kind) for kind in NAMES]
    text = (
        "## Targets\n\nRatios are medians over the rounds, each computed within its round; in brackets the least and "
        "the most of them.\n\n"
    )
    return text + table(("what", "measured", "at least", "aim", ""), rows)


def _target_row(target: Target, results: Results) -> tuple[str, ...]:
    found = target.value(results)
    bounds = ("–" if bound is None else _bound(bound, target) for bound in (target.least, target.aim))
    return (target.what, between(found, target.unit), *bounds, target.verdict(found))


def _plans_row(results: Results, kind: str) -> tuple[str, ...]:
    what = f"reads and sends, {NAMES[kind]}, the same plans for `messages` at every size"
    same = same_messages(results, kind)
    if same is None:
        return (what, MISSING, "yes", "–", MISSING)
    return (what, "yes" if same else "no", "yes", "–", "met" if same else "**not met**")


def _bound(bound: float, target: Target) -> str:
    return f"{'≤ ' if target.at_most else ''}{number(bound)}{target.unit}"


def _failures(results: Results) -> Iterator[str]:
    if results.broken:
        yield "## Failed\n\n" + "\n".join(f"- {what}" for what in results.broken)
