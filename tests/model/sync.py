"""Section 5: beginning, and catching up."""

from tests.model.accounts import caller
from tests.model.answers import Answer, must, same
from tests.model.catching_up import News, check_item, check_sharing
from tests.model.state import State
from tests.model.talk_operations import Bootstrap, Changes
from tests.model.talks import check_cursor, check_users, next_page
from tests.model.things import Json, Talk, in_order, wire
from tests.model.wellformed import is_id, is_seq, is_size

SNAPSHOT, LIMIT, MAX_ENTRIES = 20, 200, 5_000


def bootstrap(state: State, op: Bootstrap, answer: Answer) -> None:
    epoch = state.epoch or ""
    page = next_page(state, op.access_token, op.limit, op.cursor, epoch)
    if page is None or not is_size(op.messages_per_conversation, 100):
        return answer.must_be("invalid_request")
    if op.cursor is not None and state.cursors[op.cursor][0] != epoch:
        return answer.must_be("sync_epoch_changed", {"sync_epoch": state.epoch})
    talks, more = page
    data, me = answer.data(), caller(state, op.access_token)
    names = {"sync_epoch", "server_time", "me", "users", "conversations", "next_cursor"}
    same(data.keys(), names, "a bootstrap")
    state.check_epoch(data["sync_epoch"])
    same((data["server_time"], data["me"]), (wire(state.now), me.view), "the head of a bootstrap")
    size = op.messages_per_conversation or SNAPSHOT
    found = [{**item, "conversation": in_order(item["conversation"])} for item in data["conversations"]]
    same(found, [snapshot(talk, size, "joined") for talk in talks], "the conversations")
    check_users(state, data["users"], {me.id}.union(*(talk.members for talk in talks)))
    return check_cursor(state, data["next_cursor"], talks, state.epoch, more=more)


def snapshot(talk: Talk, size: int, status: str) -> Json:
    first = max(1, talk.head - size + 1)
    return {
        "status": status,
        "conversation": talk.view,
        "messages": list(talk.messages[first - 1 :]),
        "from_seq": first,
        "head_seq": talk.head,
        "has_earlier": first > 1,
    }


def changes(state: State, op: Changes, answer: Answer) -> None:
    """Predicates, and not one exact answer: how the budget is split is the server's, within bounds."""
    if len(op.held) > MAX_ENTRIES:
        return answer.must_be("payload_too_large", {"max_entries": MAX_ENTRIES})
    if not _well_formed(op):
        return answer.must_be("invalid_request")
    if op.sync_epoch is not None and op.sync_epoch.lower() != state.epoch:
        same(answer.code, "sync_epoch_changed", "the answer to another epoch")
        return answer.must_be("sync_epoch_changed", {"sync_epoch": state.epoch})
    data = answer.data()
    same(data.keys(), {"sync_epoch", "server_time", "has_more", "users", "conversations"}, "an answer of changes")
    state.check_epoch(data["sync_epoch"])
    same(data["server_time"], wire(state.now), "server_time")
    news = what_is_new(state, op)
    items, size, limit = data["conversations"], op.messages_per_conversation or SNAPSHOT, op.limit or LIMIT
    must(items.keys() <= news.keys(), f"nothing is new in {items.keys() - news.keys()}")
    complete = items.keys() == news.keys()
    for name, item in items.items():
        one = news[name]
        complete &= check_item(one, item, snapshot(one.talk, size, one.status) if one.talk else None)
    same(data["has_more"], not complete, "has_more")
    check_sharing(news, items, limit)
    told = [news[name].talk for name in items]
    check_users(state, data["users"], set().union(*(talk.members for talk in told if talk)))
    return None


def _well_formed(op: Changes) -> bool:
    named = [name.lower() for name, _ in op.held]
    return (
        all(is_id(name) and is_seq(seq) for name, seq in op.held)
        and len(named) == len(set(named))
        and (op.sync_epoch is None or is_id(op.sync_epoch))
        and is_size(op.limit, 500)
        and is_size(op.messages_per_conversation, 100)
    )


def what_is_new(state: State, op: Changes) -> dict[str, News]:
    """By conversation; what is up to date is not in it."""
    reader = caller(state, op.access_token).id
    held = {name.lower(): seq for name, seq in op.held}
    mine = {talk.id: talk for talk in state.mine(reader)}
    named = {name: News(mine.get(name), seq, state.limited_beyond) for name, seq in held.items()}
    others = {name: News(talk, None, 0) for name, talk in mine.items() if name not in held}
    found = {**named, **(others if op.joined is not False else {})}
    return {name: news for name, news in found.items() if news.status != "nothing"}
