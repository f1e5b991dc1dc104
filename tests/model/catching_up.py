"""The items of one answer of `changes`, and how they share its size."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.model.answers import must, same
from tests.model.things import Json, Talk, in_order


@dataclass(frozen=True)
class News:
    """A conversation (None: the reader is in no such one) and the seq that the client holds (None: it names none)."""

    talk: Talk | None
    after_seq: int | None
    limited_beyond: int

    @property
    def status(self) -> str:
        if self.talk is None:
            return "gone"
        if self.after_seq is None:
            return "joined"
        if self.waiting < 0:
            return "reset"
        if self.waiting > self.limited_beyond:
            return "limited"
        return "ok" if self.waiting else "nothing"

    @property
    def waiting(self) -> int:
        return (self.talk.head if self.talk else 0) - (self.after_seq or 0)


def check_item(news: News, item: Json, snapshot: Json | None) -> bool:
    """Raises NotAllowed; tells whether this is all there is. `snapshot` is what a snapshot item would hold."""
    talk, after = news.talk, news.after_seq or 0
    same(item.get("status"), news.status, "the status")
    if talk is None:
        same(item, {"status": "gone"}, "an item that is gone")
        return True
    found = {**item, "conversation": in_order(item["conversation"])}
    if news.status == "ok":
        told = len(item["messages"])
        must(told >= 1, "an ok item without messages")
        wanted: Json = {
            "status": "ok",
            "conversation": talk.view,
            "messages": list(talk.messages[after : after + told]),
            "next_after_seq": after + told,
            "head_seq": talk.head,
            "has_more": after + told < talk.head,
        }
        same(found, wanted, "an ok item")
        return not found["has_more"]
    wanted = snapshot or {}
    first = wanted["from_seq"]
    if news.status == "limited":
        wanted["gap"] = {"from_seq": after + 1, "to_seq": first - 1}
    same(found, wanted, f"a {news.status} item")
    return True


def check_sharing(news: Mapping[str, News], items: Mapping[str, Json], limit: int) -> None:
    """The bound of an answer, who comes first, and that the busy do not starve the rest."""
    costs = {name: max(1, len(item.get("messages", []))) for name, item in items.items()}
    must(sum(costs.values()) <= limit or (len(items) == 1 and _is_whole(items)), f"more than the limit of {limit}")
    must(items or not news, "nothing moves on")
    for name in sorted(news, key=lambda name: _turn(news[name], name))[:1]:
        must(name in items, "whoever has been quiet longest does not come first")
    if not any(one.status in {"joined", "limited", "reset"} for one in news.values()):
        share = limit // max(1, len(news))
        for name, one in news.items():
            must(share == 0 or name in items, "a conversation is starved")
            if name in items and one.status == "ok":
                fair = min(one.waiting, max(1, share))
                must(len(items[name]["messages"]) >= fair, f"less than a fair share of {fair}")


def _is_whole(items: Mapping[str, Json]) -> bool:
    """The first item is always whole; an ok one is cut to the limit."""
    return all(item["status"] in {"joined", "limited", "reset"} for item in items.values())


def _turn(news: News, name: str) -> tuple[bool, str, str]:
    return news.talk is not None, news.talk.activity[0] if news.talk else "", name
