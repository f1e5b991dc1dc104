"""Section 4: conversations, and reading what was said."""

from tests.model.accounts import caller
from tests.model.answers import Answer, must, new_id, same
from tests.model.state import State
from tests.model.talk_operations import History, ListTalks, OpenDirect
from tests.model.things import Talk, in_order, wire
from tests.model.wellformed import in_path, is_id, is_seq, is_size


def open_direct(state: State, op: OpenDirect, answer: Answer) -> None:
    """One conversation for a pair, ever."""
    if not is_id(op.other_user_id):
        return answer.must_be("invalid_request")
    own, other = caller(state, op.access_token).id, op.other_user_id.lower()
    if other not in state.users:
        return answer.must_be("user_not_found")
    if own == other:
        return answer.must_be("cannot_message_self")
    pair = tuple(sorted((own, other)))
    found = next((talk for talk in state.talks.values() if talk.members == pair), None)
    data = answer.data(201 if found is None else 200)
    talk = found or Talk(new_id(data.get("id"), state.ids), pair, wire(state.now))
    state.talks[talk.id] = talk
    return same(in_order(data), talk.view, "the conversation")


def list_talks(state: State, op: ListTalks, answer: Answer) -> None:
    page = next_page(state, op.access_token, op.limit, op.cursor, None)
    if page is None:
        return answer.must_be("invalid_request")
    talks, more = page
    data = answer.data()
    same(data.keys(), {"conversations", "next_cursor"}, "the list")
    same([in_order(one) for one in data["conversations"]], [talk.view for talk in talks], "the conversations")
    return check_cursor(state, data["next_cursor"], talks, None, more=more)


def next_page(
    state: State, access_token: str | None, limit: int | None, cursor: str | None, epoch: str | None
) -> tuple[list[Talk], bool] | None:
    """The caller's next conversations by latest activity, and whether there are more. None: that is malformed."""
    waiting = state.mine(caller(state, access_token).id)
    if cursor is not None:
        made_by, place = state.cursors.get(cursor, ("", ("", "")))
        if (made_by is None) != (epoch is None) or cursor not in state.cursors:
            return None
        waiting = [talk for talk in waiting if talk.activity < place]
    if not is_size(limit, 200):
        return None
    return waiting[: limit or 50], len(waiting) > (limit or 50)


def check_cursor(state: State, cursor: str | None, talks: list[Talk], epoch: str | None, *, more: bool) -> None:
    """It names the last of this page; where that is, is remembered."""
    same(cursor is not None, more, "next_cursor")
    if cursor is not None:
        known = state.cursors.setdefault(cursor, (epoch, talks[-1].activity))
        same(known, (epoch, talks[-1].activity), "the place of a cursor")


def history(state: State, op: History, answer: Answer) -> None:
    both = op.after_seq is not None and op.before_seq is not None
    if both or not (is_seq(op.after_seq) and is_seq(op.before_seq) and is_size(op.limit, 200)):
        return answer.must_be("invalid_request")
    talk = visible(state, op.access_token, op.conversation_id)
    if talk is None:
        return answer.must_be("conversation_not_found")
    limit = op.limit or 50
    if op.before_seq is None:
        waiting = talk.messages[op.after_seq or 0 :]
        page = waiting[:limit]
    else:
        waiting = talk.messages[: max(0, op.before_seq - 1)]
        page = waiting[-limit:]
    wanted = {"messages": list(page), "has_more": len(waiting) > limit}
    return same(answer.data(), wanted, "the page")


def visible(state: State, access_token: str | None, conversation_id: str) -> Talk | None:
    """One that the caller is in. Any other is as good as none."""
    talk = state.talks.get(in_path(conversation_id))
    return talk if talk and caller(state, access_token).id in talk.members else None


def check_users(state: State, told: list[dict[str, str]], wanted: set[str]) -> None:
    """Exactly these, each once, as they are now."""
    same(len(told), len({user["id"] for user in told}), "the number of users")
    same({user["id"] for user in told}, wanted, "who is told of")
    for user in told:
        must(user == state.users[user["id"]].view, f"{user['id']} is not as it is now")
