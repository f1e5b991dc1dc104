"""Ids: UUIDs of version 7 (RFC 9562), which sort by the time they were made. Nothing orders messages by them."""

from uuid import UUID

from uuid_utils.compat import uuid7

NOWHERE = UUID(int=0)
"""No id that was ever given out: what an unreadable id in a path stands for, so that it is not found."""


def new_id() -> UUID:
    return uuid7()
