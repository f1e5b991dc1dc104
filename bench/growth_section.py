"""The part of the page about databases that grow."""

from collections.abc import Iterator

from bench.figures import BUSY
from bench.results import Results, spread_of
from bench.tables import between, middle, table
from bench.targets import NAMES, READS, WRITES, all_cpu, grown, growth, p50, short, sizes_of

_INTRODUCTION = (
    "The same four readers with 100 conversations and the same hundred senders, among ever more others: people, "
    "conversations and messages grow together. All sizes are served at once and measured in turn. CPU is that of "
    "the server, and on Postgres that of all its processes too. Each run of sends goes over a checkpoint."
)
TITLES = {
    "changes-idle": "`changes`, nothing new",
    "changes-50": "`changes`, 50 new",
    "bootstrap": "bootstrap, 100 × 20",
    "history": "a page of 50 of history",
    "send": "send, alone",
    f"send-{BUSY}": f"send, {BUSY} at once",
    "batch": "batch of 100",
}


def growth_section(results: Results) -> str:
    parts, measured = ["## Growth", _INTRODUCTION], False
    for kind, name in NAMES.items():
        sizes = sizes_of(results, f"service/{kind}")
        if len(sizes) < 2:
            parts.append(f"{name}: not measured.")
            continue
        head = [name, *(f"{short(size)}: p50 / CPU ms" for size in sizes), "p50 grew", "CPU grew"]
        parts += [table(head, _rows(results, kind, sizes)), _plans(results, kind)]
        measured = True
    if measured:
        parts.append("![Latency of calls against the size of the database](performance/growth.svg)")
    return "\n\n".join(parts)


def _rows(results: Results, kind: str, sizes: list[int]) -> Iterator[tuple[str, ...]]:
    us = f"service/{kind}"
    for call in (*READS, *WRITES):
        connections = BUSY if call.endswith(f"-{BUSY}") else 1
        found = [results.of(growth(call), us, connections, size) for size in sizes]
        costs = (f"{middle(spread_of(one, p50))} / {middle(spread_of(one, all_cpu))}" for one in found)
        ratios = (between(grown(results, call, us, value), "×") for value in (p50, all_cpu))
        yield (TITLES[call], *costs, *ratios)


def _plans(results: Results, kind: str) -> str:
    """Which calls read `messages` otherwise at another size, and which the other tables."""
    plans = {int(size): calls for size, calls in results.plans.get(kind, {}).items()}
    if len(plans) < 2:
        return "Plans: not measured."
    strict = same_messages(results, kind)
    told = "`messages` is read by the same indexes at every size, by every call." if strict else _unlike(plans)
    others = sorted({
        table
        for call in next(iter(plans.values()))
        for table in {path.partition(":")[0] for path in set().union(*(seen[call] for seen in plans.values()))}
        if table != "messages" and len({tuple(_of(seen[call], table)) for seen in plans.values()}) > 1
    })  # fmt: skip
    more = f" Otherwise at one size than at another: {', '.join(f'`{one}`' for one in others)}." if others else ""
    return f"Plans on {NAMES[kind]}: {told}{more}"


def same_messages(results: Results, kind: str) -> bool | None:
    """Whether every call reads `messages` by the same indexes at every size; None if nobody looked."""
    plans = results.plans.get(kind, {})
    if len(plans) < 2:
        return None
    return all(len({tuple(_of(seen[call], "messages")) for seen in plans.values()}) == 1 for call in _calls(plans))


def _calls(plans: dict[str, dict[str, list[str]]]) -> list[str]:
    return list(next(iter(plans.values())))


def _unlike(plans: dict[int, dict[str, list[str]]]) -> str:
    """By size, what each size reads `messages` by, in all calls together."""
    told = []
    for size, calls in sorted(plans.items()):
        ways = sorted({way.partition(": ")[2] for paths in calls.values() for way in _of(paths, "messages")})
        told.append(f"at {short(size)} {', '.join('end to end' if way == 'whole' else f'`{way}`' for way in ways)}")
    return f"`messages` is not read alike at every size: {'; '.join(told)}."


def _of(paths: list[str], table: str) -> list[str]:
    return [path for path in paths if path.startswith(f"{table}:")]
