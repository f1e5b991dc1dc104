"""How a message gets from a service process to its node: today's way, and those that docs/scaling.md compares."""

from dataclasses import dataclass
from enum import Enum, auto


class Keys(Enum):
    """How a key of a sender stays one message for ever."""

    WITH_MESSAGE = auto()
    """A unique constraint on the node of the message: (sender, key) on one node, with the conversation on many."""
    FIRST = auto()
    """A row on the sender's node, committed by itself before the message is."""


@dataclass(frozen=True)
class Consensus:
    """Three copies of every row. A commit waits for `round_trip` to the nearest other copy and for its disk.

    `work` is how many times Postgres's CPU a message costs, on the three nodes together. `locks_are_copied`: taking a
    row lock waits for one round too.
    """

    round_trip: float
    work: float
    locks_are_copied: bool


@dataclass(frozen=True)
class Design:
    """`by_node`: a group holds messages of one node alone, and else of all, which are then committed in two phases.

    `routed`: a request comes to a process that serves its conversation's node alone. `checks`: the database is asked
    each time whether the sender's session lives.
    """

    name: str
    by_node: bool = True
    routed: bool = True
    keys: Keys = Keys.WITH_MESSAGE
    consensus: Consensus | None = None
    checks: bool = True


ONE_POSTGRES = Design("one Postgres")
UNCHECKED = Design("one Postgres, if no session had to be checked", checks=False)
MIXED = Design("Citus, groups as today: two-phase commit", by_node=False, routed=False)
UNROUTED = Design("Citus, a group for each node", routed=False)
ROUTED = Design("Citus, a group for each node, requests routed by conversation")
KEYS_FIRST = Design("the same, with the key reserved first on the sender's node", keys=Keys.FIRST)
CONSENSUS = (
    Design(
        "CockroachDB, YugabyteDB: one zone, twice the work", consensus=Consensus(0.0005, 2.0, locks_are_copied=True)
    ),
    Design(
        "CockroachDB, YugabyteDB: three zones, five times the work",
        consensus=Consensus(0.002, 5.0, locks_are_copied=True),
    ),
)
