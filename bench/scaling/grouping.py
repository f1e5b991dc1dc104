"""The service's group commit (`db/grouping.py`) in the simulation: one group at a time, the rest gathers."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.scaling.events import Clock, Gate, Process, Station
from chatsvc.db.grouping import HEAVIEST, LINGER_SECONDS

_TURNS_TO_WAKE = 2
"""Of the event loop: in one the timer ends, in the next whoever slept goes on. What is answered goes first."""


@dataclass(frozen=True, slots=True)
class Message:
    """Its conversation and its sender by number, and the nodes that hold them."""

    conversation: int
    node: int
    sender: int
    sender_node: int


class Groups:
    """What arrives while a group is at work is the next group. `run` does one, on the event loop `loop`."""

    def __init__(self, clock: Clock, loop: Station, run: Callable[[list[Message]], Process]) -> None:
        self._clock = clock
        self._loop = loop
        self._run = run
        self._waiting: list[tuple[Message, Gate]] = []
        self._working = False
        self.groups = 0
        self.messages = 0

    def submit(self, message: Message) -> Process:
        self._waiting.append((message, gate := Gate()))
        if not self._working:
            self._working = True
            self._clock.begin(self._work())
        yield gate

    def _work(self) -> Process:
        while self._waiting:
            group, self._waiting = self._waiting[:HEAVIEST], self._waiting[HEAVIEST:]
            self.groups += 1
            self.messages += len(group)
            yield from self._run([message for message, _ in group])
            for _, gate in group:
                self._clock.open(gate)
            if len(group) > 1 and len(self._waiting) < HEAVIEST:
                yield LINGER_SECONDS
                for _ in range(_TURNS_TO_WAKE):
                    yield from self._loop.serve(0.0)
        self._working = False
