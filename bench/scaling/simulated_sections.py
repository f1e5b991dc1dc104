"""Tables of what was simulated."""

from bench.scaling.capacity import BOUND_SECONDS, CORES, MOST, NODES, SIMULATED, SKEW, TALKS_PER_NODE, Carried
from bench.scaling.costs import Measured
from bench.scaling.designs import CONSENSUS, KEYS_FIRST, MIXED, ONE_POSTGRES, ROUTED, UNROUTED
from bench.scaling.simulated import Simulated
from bench.scaling.simulating import ROUND_TRIP
from bench.tables import number, table


def carried_section(_: Measured, simulated: Simulated) -> str:
    rows = [
        (
            one.design,
            f"{one.nodes:,}",
            _rate(one),
            number(one.p50_ms),
            number(one.group),
            f"{one.cores_used:.0%}",
            f"{one.log_used:.0%}",
            f"{one.processes:,}",
            one.first,
        )
        for one in simulated.carried
    ]
    used = ("cores used", "log used", "service processes", "bound by")
    head = ("design", "nodes", "messages/s", "p50 ms", "in a group", *used)
    return (
        f"People send at random moments (Poisson), to conversations by Zipf's law: {TALKS_PER_NODE:,} that are active "
        f"for each node, exponent {SKEW:g}, none more than {MOST:g} times the mean. A node has {CORES} cores of those "
        f"that were measured, and is {ROUND_TRIP * 1_000:g} ms away. The figure is the greatest load at which 99 of "
        f"100 sends are answered within {BOUND_SECONDS * 1_000:g} ms and answers keep up; of many nodes {SIMULATED} "
        f"are simulated, with their share of everything, and the fullest counts.\n\n{table(head, rows)}"
    )


def hottest_section(_: Measured, simulated: Simulated) -> str:
    rows = [(one.design, _rate(one), number(one.p50_ms), number(one.group), one.first) for one in simulated.hottest]
    return table(("one conversation", "messages/s", "p50 ms", "in a group", "bound by"), rows)


def short_section(measured: Measured, simulated: Simulated) -> str:
    one = _of(simulated, ONE_POSTGRES.name, 1)
    size = one.group
    wal = measured.line("send", lambda cost: cost.wal_bytes).at(size) / size * one.rate / 1e6
    mixed, alone, routed, keys = (_of(simulated, d.name, NODES[1]).rate for d in (MIXED, UNROUTED, ROUTED, KEYS_FIRST))
    most = _of(simulated, ROUTED.name, NODES[-1])
    cheap, dear = (_of(simulated, design.name, NODES[1]).rate for design in CONSENSUS)
    hot = max(simulated.hottest, key=lambda found: found.rate)
    ten = NODES[1]
    return f"""\
- **One Postgres of {CORES} cores carries {about(one.rate)} sends a second**, 99 of 100 answered within \
{BOUND_SECONDS * 1_000:g} ms. Bound by the {one.first}. It writes {number(wal)} MB of log a second then.
- **{ten} nodes carry {routed / one.rate:.2g} times as much if a group holds messages of one node and requests are \
routed by conversation**, {alone / one.rate:.2g} times if they are not routed, {mixed / one.rate:.2g} times \
with groups as they are today. Spreading the data is not enough: group commit has to be kept together.
- **{NODES[-1]:,} nodes** carry {about(most.rate)} a second so, on paper, with {most.processes:,} service processes.
- **A key that is reserved first, on the sender's node**, costs {1 - keys / routed:.0%} of it.
- **By consensus of three copies** {ten} nodes carry {dear / one.rate:.2g} to {cheap / one.rate:.2g} times one \
Postgres, by what a message costs there: assumed, not measured.
- **One conversation** takes {about(hot.rate)} messages a second at most, on any number of nodes."""


def _of(simulated: Simulated, design: str, nodes: int) -> Carried:
    (found,) = (one for one in simulated.carried if (one.design, one.nodes) == (design, nodes))
    return found


def _rate(one: Carried) -> str:
    return about(one.rate) if one.rate else "none in time"


def about(rate: float) -> str:
    """Two digits: there is no more in it."""
    return f"{float(f'{rate:.2g}'):,.0f}"
