"""How names are folded, which usernames there are, and what a search by prefix compares with."""

import re
import unicodedata

_USERNAME = re.compile(r"[a-z0-9_.-]{3,32}")
_FIRST_SURROGATE, _LAST_SURROGATE, _LAST = 0xD800, 0xDFFF, 0x10FFFF


def fold_username(text: str) -> str:
    """The form in which usernames are compared and stored. It is `valid_username` that keeps look-alikes out."""
    # Folding can leave text that is no longer in NFKC, so it is normalized once more.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def valid_username(folded: str) -> bool:
    """Whether a name, already folded, is 3-32 of a-z 0-9 _ . - (in the manner of RFC 8265, but ASCII alone)."""
    return _USERNAME.fullmatch(folded) is not None


def fold_for_search(text: str) -> str:
    """The form in which display names and search queries are compared."""
    return fold_username(text)


def prefix_range(prefix: str) -> tuple[str, str | None]:
    """The half-open range, by code point, of all strings that start with `prefix`; None: no upper bound."""
    # U+10FFFF has no successor, so the bound lies at the character before it.
    stem = prefix.rstrip(chr(_LAST))
    if not stem:
        return prefix, None
    successor = ord(stem[-1]) + 1
    if _FIRST_SURROGATE <= successor <= _LAST_SURROGATE:  # no database stores or compares these
        successor = _LAST_SURROGATE + 1
    return prefix, stem[:-1] + chr(successor)
