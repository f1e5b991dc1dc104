"""The figures of a run, and which servers are measured beside each other for them."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.floor import READY_MADE
from bench.kinds import Kind, Maker
from bench.reading import bootstraps, changes, logins, ready_made
from bench.sending import batches, sends

FLOOR = "floor"
GROWTH = "growth"
EVERYWHERE = (1, 32, 256)
BUSY = 32
BOOTSTRAPS = 50


class UnknownFigure(ValueError):
    """The message names those that there are."""


@dataclass(frozen=True)
class Figure:
    """What each subject is asked, one right after the other in each round. With `calls` they are counted, not timed."""

    name: str
    asked: Mapping[str, Kind]
    connections: tuple[int, ...] = (BUSY,)
    calls: int = 0


def figures(maker: Maker, databases: tuple[str, ...], workers: tuple[int, ...]) -> list[Figure]:
    """In the order of measuring; what adds messages comes last, so that reads are those of the seeded database."""
    one_send = sends(maker)
    services, baselines = _each("service", databases), _each("baseline", databases)

    def beside_floor(kind: Kind, floor: Kind = one_send) -> dict[str, Kind]:
        return {FLOOR: floor, **dict.fromkeys(services, kind)}

    return [
        Figure("changes-idle", beside_floor(changes(maker, "readers"))),
        Figure("changes-idle-1000", beside_floor(changes(maker, "wide"))),
        Figure("changes-1", beside_floor(changes(maker, "readers", [1]))),
        Figure("changes-50", beside_floor(changes(maker, "readers", [READY_MADE]), ready_made(maker))),
        Figure("changes-50-in-10", beside_floor(changes(maker, "readers", [5] * 10), ready_made(maker))),
        Figure("bootstrap", dict.fromkeys(services, bootstraps(maker)), (1,), BOOTSTRAPS),
        Figure("logins", dict.fromkeys(services, logins(maker)), (8,)),
        Figure("sends", dict.fromkeys((FLOOR, *baselines, *services), one_send), EVERYWHERE),
        Figure("batch", beside_floor(batches(maker))),
        Figure("workers", dict.fromkeys([f"workers-{count}/postgresql" for count in workers], one_send)),
    ]


def chosen(found: list[Figure], only: tuple[str, ...]) -> list[Figure]:
    """Those that are named, all without a name. Raises UnknownFigure."""
    names = [*(figure.name for figure in found), GROWTH]
    if unknown := [name for name in only if name not in names]:
        raise UnknownFigure(f"there is no figure {', '.join(unknown)}; there are {', '.join(names)}")
    return [figure for figure in found if not only or figure.name in only]


def _each(name: str, databases: tuple[str, ...]) -> list[str]:
    return [f"{name}/{database}" for database in databases]
