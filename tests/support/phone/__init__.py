"""A phone: an offline-first client in small modules, written from the contract alone (docs/protocol.md, sections 1-5).

It keeps all that it knows in an SQLite file of its own, and everything that a user of it sees comes from there. It is
killed by forgetting the object (or `phone.close()`), and comes back by making another one on the same file.

    async with httpx2.AsyncClient(base_url=server.address, timeout=5) as client:
        phone = Phone(tmp_path / "ana.db", Line(over_http(client)), "ana", PASSWORD)
        await phone.register()              # or nothing: it logs in by itself when it needs a token
        talk = await phone.open_direct(ben_id)
        phone.write(talk, "hello")          # into the outbox: no network
        await phone.drain(batch=20)         # sends what waits; without `batch` one by one
        await phone.sync()                  # bootstrap if need be, changes to the end, holes filled from history
        await phone.settle()                # all of that again and again until it is done: for a server that comes back

`sync` and `drain` raise `Unreachable` (no answer, a 5xx, or none of the service's own: nothing is lost, call again),
`TryLater` (429) or `Refused` (a refusal that has no meaning here: a defect). `settle` waits and repeats, a bounded
number of times, and then raises `NotSettled`. What is held: `phone.mirror.messages(talk)`, `.cursors()`,
`.conversations()`, `.holes()`, `phone.outbox.waiting()`, `.failed()`, `phone.epoch`, `phone.user_id`.

Where things are: `line` (the network, with its faults), `store` (the file), `mirror` (what the server told), `outbox`
(what waits to be told to it), `session` (tokens), `syncing`, `history`, `sending`, `phone` (all of it
together).
"""

from tests.support.phone.history import Pace
from tests.support.phone.line import Answer, Fate, Killed, Line, Refused, TryLater, Unreachable, over_http
from tests.support.phone.phone import NotSettled, Phone

__all__ = [
    "Answer",
    "Fate",
    "Killed",
    "Line",
    "NotSettled",
    "Pace",
    "Phone",
    "Refused",
    "TryLater",
    "Unreachable",
    "over_http",
]
