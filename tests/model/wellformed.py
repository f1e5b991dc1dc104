"""What a request must look like: everything else is 422, or in a path the resource's 404."""

import re
import unicodedata
from typing import Any

UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
USERNAME = re.compile(r"[a-z0-9_.-]{3,32}")
KEY = re.compile(r"[!-~]{1,64}")
WHITE = re.compile(r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*")
MAX_SEQ = 2**53 - 1


def folded(name: str) -> str:
    """The form in which usernames are compared, and prefixes searched."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def is_id(text: object) -> bool:
    return isinstance(text, str) and UUID.fullmatch(text) is not None


def in_path(text: str) -> str:
    """The id that a path names; what is none names nothing."""
    return text.lower() if is_id(text) else ""


def is_username(text: str) -> bool:
    return USERNAME.fullmatch(folded(text)) is not None


def is_password(text: str) -> bool:
    return 8 <= len(unicodedata.normalize("NFC", text)) <= 128


def is_name(text: str | None) -> bool:
    """A display name, for the characters that the tests use."""
    return text is None or (1 <= len(text) <= 64 and not is_blank(text) and text.isprintable())


def is_device_name(text: str | None) -> bool:
    return text is None or (1 <= len(text) <= 64 and text.isprintable())


def is_blank(text: str) -> bool:
    return WHITE.fullmatch(text) is not None


def is_content(text: object) -> bool:
    return isinstance(text, str) and 1 <= len(text) <= 4_000 and not is_blank(text)


def is_key(text: object) -> bool:
    return isinstance(text, str) and KEY.fullmatch(text) is not None


def is_item(item: Any) -> bool:
    """One of a batch."""
    return (
        isinstance(item, dict)
        and item.keys() == {"conversation_id", "client_message_id", "content"}
        and is_id(item["conversation_id"])
        and is_key(item["client_message_id"])
        and is_content(item["content"])
    )


def is_size(number: int | None, most: int) -> bool:
    return number is None or 1 <= number <= most


def is_seq(number: int | None) -> bool:
    return number is None or 0 <= number <= MAX_SEQ
