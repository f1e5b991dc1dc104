"""The sharing of one answer: bounded, never empty-handed, fair, and at its end when all has been told."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chatsvc.column_types import wire_time
from chatsvc.queries.budget import LIMITED_BEYOND, News, Share, share_out, shown

NOON = "2026-11-23T12:00:00.000Z"
SNAPSHOTS = {"joined", "reset", "limited"}
LIMITS, SIZES = st.integers(1, 500), st.integers(1, 100)


def later(seconds: int) -> str:
    return wire_time(datetime.fromisoformat(NOON) + timedelta(seconds=seconds))


@st.composite
def some_news(
    draw: st.DrawFn, *, statuses: tuple[str, ...] = ("ok", "gone", "joined", "reset", "limited")
) -> list[News]:
    found = []
    for at in range(draw(st.integers(0, 12))):
        status, head = draw(st.sampled_from(statuses)), draw(st.integers(1, 400))
        moment: str | None = later(draw(st.integers(0, 5)))
        after: int | None = draw(st.integers(0, head - 1))
        top: int | None = head
        if status == "gone":
            moment, top = None, None
        elif status == "joined":
            after, top = None, draw(st.sampled_from([0, head]))
        elif status == "reset":
            after = head + draw(st.integers(1, 9))
        elif status == "limited":
            top = (after or 0) + LIMITED_BEYOND + draw(st.integers(1, 9))
        entry = News(str(UUID(int=at + 1)), after, top, moment)
        assert entry.status == status
        found.append(entry)
    return draw(st.permutations(found))


def cost(share: Share) -> int:
    return max(1, share.last_seq - share.first_seq + 1)


def test_the_status_turns_at_exactly_a_thousand() -> None:
    def status(after_seq: int | None, head_seq: int | None) -> str:
        return News(str(UUID(int=1)), after_seq, head_seq, NOON).status

    assert [status(0, 1_000), status(0, 1_001), status(5, 1_005), status(5, 1_006)] == ["ok", "limited"] * 2
    assert [status(1, 0), status(6, 5), status(4, 5)] == ["reset", "reset", "ok"]
    assert [status(None, 0), status(None, 5_000), status(3, None)] == ["joined", "joined", "gone"]


@given(some_news(), LIMITS, SIZES)
def test_an_answer_is_bounded_and_never_empty_handed(news: list[News], limit: int, size: int) -> None:
    shares, has_more = share_out(news, limit=limit, snapshot=size)
    assert bool(shares) == bool(news)
    if sum(map(cost, shares)) > limit:  # the first item is always whole
        (only,) = shares
        assert only.news.status in SNAPSHOTS
    told = [share.news.conversation_id for share in shares]
    assert len(set(told)) == len(told)
    finished = [share for share in shares if share.news.status != "ok" or share.last_seq == share.news.head_seq]
    assert has_more == (len(finished) < len(news))


@given(some_news(), LIMITS, SIZES)
def test_each_share_is_exactly_what_its_status_promises(news: list[News], limit: int, size: int) -> None:
    shares, _ = share_out(news, limit=limit, snapshot=size)
    for share in shares:
        after, head = share.news.after_seq, share.news.head_seq
        if share.news.status == "ok":
            assert after is not None
            assert head is not None
            assert share.first_seq == after + 1 <= share.last_seq <= head
        elif share.news.status in SNAPSHOTS:
            assert head is not None
            assert share.last_seq == head
            assert share.last_seq - share.first_seq + 1 == min(head, size)
            assert share.first_seq >= 1
    assert [share.news.head_seq is not None for share in shares].count(True) == len(shown(shares))


@given(some_news(), LIMITS, SIZES)
def test_what_is_gone_comes_first_and_then_what_was_quiet_longest(news: list[News], limit: int, size: int) -> None:
    shares, _ = share_out(news, limit=limit, snapshot=size)
    order = [
        (share.news.head_seq is not None, share.news.updated_at or NOON, share.news.conversation_id) for share in shares
    ]
    assert order == sorted(order)
    quietest = min(
        news, key=lambda one: (one.head_seq is not None, one.updated_at or NOON, one.conversation_id), default=None
    )
    assert [share.news for share in shares[:1]] == ([] if quietest is None else [quietest])


@given(some_news(statuses=("ok",)), LIMITS)
def test_nobody_gets_less_than_an_even_share_because_of_a_busier_one(news: list[News], limit: int) -> None:
    shares, _ = share_out(news, limit=limit, snapshot=20)
    assert len(shares) == min(len(news), limit)
    for share in shares:
        assert share.news.head_seq is not None
        assert cost(share) >= min(share.news.head_seq - share.first_seq + 1, limit // len(news))


@given(some_news(), LIMITS, SIZES)
def test_repeated_calls_come_to_an_end_with_everything_told_in_order(news: list[News], limit: int, size: int) -> None:
    left = {one.conversation_id: one for one in news}
    waiting = {key: (one.head_seq or 0) - (one.after_seq or 0) for key, one in left.items() if one.status == "ok"}
    most = len(news) + sum(waiting.values())
    delivered: dict[str, int] = dict.fromkeys(waiting, 0)
    has_more = True
    for _ in range(most + 1):
        shares, has_more = share_out(left.values(), limit=limit, snapshot=size)
        for share in shares:
            key, told = share.news.conversation_id, left[share.news.conversation_id]
            if told.status == "ok":
                delivered[key] += cost(share)
            if told.status != "ok" or share.last_seq == told.head_seq:
                del left[key]
            else:
                left[key] = replace(told, after_seq=share.last_seq)
        if not has_more:
            break
    assert not has_more
    assert left == {}
    assert delivered == waiting


@given(some_news(), st.integers(1, 20), SIZES, st.data())
def test_a_conversation_that_keeps_quiet_is_told_however_busy_the_others_are(
    news: list[News], limit: int, size: int, data: st.DataObject
) -> None:
    """Between two calls all others get new messages, and so are newer than it."""
    if not news:
        return
    patient = data.draw(st.sampled_from(news))
    left = {one.conversation_id: one for one in news}
    rounds = 0
    while patient.conversation_id in left:
        rounds += 1
        shares, _ = share_out(left.values(), limit=limit, snapshot=size)
        for share in shares:
            key, told = share.news.conversation_id, left[share.news.conversation_id]
            if told.status == "gone" or (key == patient.conversation_id and share.last_seq == told.head_seq):
                del left[key]
            else:
                left[key] = replace(told, after_seq=share.last_seq)
        for key, told in left.items():
            if key != patient.conversation_id and told.head_seq is not None:
                left[key] = replace(told, head_seq=told.head_seq + 30, updated_at=later(60 * rounds))
        assert rounds <= len(news) + (patient.head_seq or 0)
