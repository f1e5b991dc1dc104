"""Everything that docs/scaling.md shows of the simulation."""

from collections.abc import Callable
from dataclasses import replace

from bench.scaling.capacity import CORES, NODES, carried, hottest, processes_for
from bench.scaling.costs import Measured
from bench.scaling.designs import CONSENSUS, KEYS_FIRST, MIXED, ONE_POSTGRES, ROUTED, UNCHECKED, UNROUTED, Design
from bench.scaling.foretelling import foretold
from bench.scaling.prices import Prices, measured_prices
from bench.scaling.simulated import Simulated

ROUND_TRIP = 0.0005
"""Between machines of one zone."""
STANDBY = 0.010
FAR = 0.060
SLOW_DISK = 0.002


def zone_prices(measured: Measured) -> Prices:
    """What was measured, on machines of their own in one zone."""
    return replace(measured_prices(measured), round_trip=ROUND_TRIP)


def simulate(measured: Measured, say: Callable[[str], None] = lambda _: None) -> Simulated:
    """The same for the same measurements."""
    prices, found = zone_prices(measured), Simulated()
    mirrored = replace(prices, standby=STANDBY)
    for design, its in (
        (ONE_POSTGRES, prices),
        (UNCHECKED, prices),
        (Design(f"one Postgres, a disk that takes {SLOW_DISK * 1_000:g} ms"), prices.on_disk(SLOW_DISK)),
        (Design(f"one Postgres, a synchronous standby {STANDBY * 1_000:g} ms away"), mirrored),
    ):
        found.carried.append(carried(design, 1, its))
        say(f"{design.name}: {found.carried[-1].rate:,.0f}/s")
    for design in (MIXED, UNROUTED, ROUTED, KEYS_FIRST, *CONSENSUS):
        for nodes in NODES[1:]:
            found.carried.append(carried(design, nodes, prices))
            say(f"{design.name}, {nodes:,} nodes: {found.carried[-1].rate:,.0f}/s")
    every = processes_for(prices)
    found.hottest = [
        hottest(name, its, processes)
        for name, its, processes in (
            ("one process has it", prices, 1),
            ("every process sends to it", prices, every),
            (f"one process has it; a standby {STANDBY * 1_000:g} ms away", mirrored, 1),
            (f"every process sends to it; a standby {STANDBY * 1_000:g} ms away", mirrored, every),
            (f"one process has it, {FAR * 1_000:g} ms away from the database", replace(prices, round_trip=FAR), 1),
        )
    ]
    cores = int(measured.facts.get("cores", CORES))
    measured_here = measured_prices(measured)
    found.foretold = [foretold(run, measured_here, cores) for run in measured.runs if run.messages_per_commit]
    return found
