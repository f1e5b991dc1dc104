"""Breaks of what is read: snapshots, catching up."""

from tests.breaks.breaks import Break, Change

READING = (
    Break(
        "reads at READ COMMITTED",
        (Change("db/postgres.py", '"isolation_level": "REPEATABLE READ"', '"isolation_level": "READ COMMITTED"'),),
        ("tests/db/test_snapshots.py::test_a_snapshot_does_not_see_a_later_commit",),
    ),
    Break(
        "newest-first paging",
        (
            Change(
                "queries/budget.py",
                "return Share(entry, first, min(entry.head_seq, first + even - 1))",
                "return Share(entry, max(first, entry.head_seq - even + 1), entry.head_seq)",
            ),
        ),
        ("tests/queries/test_changes_paging.py::test_pages_of_any_size_bring_everything_in_order",),
    ),
    Break(
        "the cursor taken from the head instead of from the last row",
        (Change("queries/changes.py", "next_after_seq=share.last_seq", "next_after_seq=news.head_seq"),),
        ("tests/queries/test_changes_paging.py::test_pages_of_any_size_bring_everything_in_order",),
    ),
    Break(
        "gone left out",
        (
            Change(
                "queries/heads.py",
                "        if head_seq != after_seq:\n",
                "        if head_seq is not None and head_seq != after_seq:\n",
            ),
        ),
        (
            "tests/queries/test_changes.py::test_what_is_not_the_callers_is_gone_and_nothing_else_is_said",
            "tests/queries/test_changes_paging.py::test_what_is_gone_costs_one_and_comes_first",
        ),
    ),
    Break(
        "a late replica says what makes a client drop something",
        (Change("queries/changes.py", "if session.on_replica and _takes_away(told)", "if False"),),
        ("tests/faults/test_read_replica.py",),
    ),
)
