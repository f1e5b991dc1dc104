"""What is concluded from where the primary and the replica are in the write-ahead log, and when."""

from chatsvc.db.replica_lag import Lag, Position


def primary(at: int) -> Position:
    return Position(at, "primary")


def standby(at: int | None) -> Position:
    return Position(at, "standby", follows=True)


def measured(*positions: tuple[int, int]) -> Lag:
    """Second after second, from 0 on: where the primary was, and then the replica."""
    lag = Lag()
    for second, (written, replayed) in enumerate(positions):
        lag.primary_is(primary(written), second)
        lag.replica_is(standby(replayed))
    return lag


def test_it_is_not_known_before_the_replica_has_reached_what_is_known() -> None:
    assert Lag().seconds(9) is None
    assert measured((100, 50), (200, 99)).seconds(9) is None
    assert measured((100, 50), (200, 100)).seconds(9) == 9


def test_it_is_counted_from_the_last_moment_that_is_wholly_there() -> None:
    assert measured((100, 100), (200, 200)).seconds(1) == 0
    assert measured((100, 100), (200, 199), (300, 250)).seconds(2.5) == 1.5


def test_it_grows_while_a_replica_stands_still_or_nobody_answers() -> None:
    assert measured((100, 100), (200, 100), (300, 100)).seconds(3) == 3
    assert measured((100, 100)).seconds(60) == 60


def test_a_primary_that_writes_nothing_leaves_nobody_behind() -> None:
    assert measured(*[(100, 100)] * 30).seconds(29) == 0


def test_another_log_begins_anew() -> None:
    lag = measured((100, 100), (200, 200))
    lag.primary_is(primary(150), 2)
    assert lag.seconds(2) is None
    lag.replica_is(standby(149))
    assert lag.seconds(2) is None
    lag.replica_is(standby(150))
    assert lag.seconds(2) == 0


def test_an_older_copy_in_the_place_of_the_replica_is_not_what_the_replica_was() -> None:
    lag = measured((100, 100), (200, 200))
    lag.replica_is(standby(120))
    assert lag.seconds(2) is None


def test_a_server_that_follows_nobody_is_no_replica_unless_it_is_the_primary() -> None:
    lag = measured((100, 100))
    lag.primary_is(primary(100), 1)
    lag.replica_is(Position(None, "promoted"))
    assert lag.seconds(1) is None
    lag.replica_is(Position(None, "primary"))
    assert lag.seconds(1) == 0


def test_a_long_outage_is_remembered_in_bounds_and_never_too_small() -> None:
    lag = measured((0, 0), *[(at, 0) for at in range(1, 5_000)])
    assert len(lag._ahead) < 4_000
    lag.replica_is(standby(4_000))
    assert lag.seconds(5_000) == 1_000
