"""What went wrong with transactions since the start: written where something failed, and read at a scrape."""

from sqlalchemy.exc import TimeoutError as PoolTimeout

from chatsvc.db.failures import Failure

_PASSING = ("run_again", "lost", "busy", "pool_timeout")
_KINDS = {"primary": (*_PASSING, "commit_unknown"), "replica": (*_PASSING, "defect")}


class FailureCounts:
    """`failures`: attempts that a database ended, by where and how. `retries`: transactions run again, by reason.

    Every key is there from the beginning: of a series that begins with 1 Prometheus sees no increase.
    """

    def __init__(self) -> None:
        self.failures = {(database, kind): 0 for database, kinds in _KINDS.items() for kind in kinds}
        self.retries = dict.fromkeys(("run_again", "lost", "asked"), 0)

    def failed(self, failure: Failure, error: Exception, *, database: str = "primary") -> None:
        """An attempt ended before its COMMIT was sent. A pool with no connection left is a kind of its own."""
        kind = "pool_timeout" if isinstance(error, PoolTimeout) else failure.name.lower()
        self.failures[database, kind] += 1

    def commit_unknown(self) -> None:
        self.failures["primary", "commit_unknown"] += 1

    def again(self, failure: Failure | None) -> None:
        """Another attempt begins; None: the command itself asked for it."""
        self.retries["asked" if failure is None else failure.name.lower()] += 1
