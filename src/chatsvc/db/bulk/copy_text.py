"""Rows as lines of Postgres' COPY, text format: the one form in which rows pass between databases and are compared.

A value is text here: an id in 36 characters, a time in RFC 3339 with milliseconds, a number in digits. See "File
Formats" of COPY in Postgres' documentation.
"""

import re
from collections.abc import Sequence
from typing import Final

NULL: Final = r"\N"
_ESCAPED = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_TABLE = str.maketrans(_ESCAPED)
_MEANT = {escaped[1]: character for character, escaped in _ESCAPED.items()}
_ESCAPE = re.compile(r"\\(.)")


def line_of(values: Sequence[str | int | None]) -> bytes:
    """A row's line, without its end. Raises ValueError for what no column of ours holds: bytes, fractions."""
    return "\t".join(map(_text_of, values)).encode()


def values_of(line: bytes) -> list[str | None]:
    """The values of a line."""
    return [
        (None if text == NULL else _ESCAPE.sub(_meant, text)) if "\\" in text else text
        for text in line.decode().split("\t")
    ]


def _text_of(value: str | int | None) -> str:
    if type(value) is str:
        return value if value.isprintable() and "\\" not in value else value.translate(_TABLE)
    if type(value) is int:
        return str(value)
    if value is None:
        return NULL
    raise ValueError(f"a value of type {type(value).__name__}, which no column holds")


def _meant(escape: "re.Match[str]") -> str:
    return _MEANT[escape[1]]
