"""The types of everything that comes in. What they refuse is a 422 on both databases, never a 500."""

import re
import unicodedata
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from chatsvc.api.envelope import CUSTOM
from chatsvc.ids import NOWHERE
from chatsvc.security.names import fold_username, valid_username
from chatsvc.security.passwords import normalize_password

MAX_INTEGER = 2**53 - 1
MAX_CONTENT_CHARACTERS = 4_000
# The Unicode property White_Space; Python's str.isspace also takes U+001C to U+001F.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", re.ASCII)
_LOWER_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
_MAX_FIELDS = 32
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)


class Body(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _not_flooded(cls, fields: Any) -> Any:
        """An error made for each of 200,000 unknown fields would hold up everybody else for seconds."""
        if isinstance(fields, dict) and len(fields) > _MAX_FIELDS:
            raise _refuse("has too many fields")
        return fields


def _refuse(message: str) -> PydanticCustomError:
    return PydanticCustomError(CUSTOM, message)


def _storable(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise _refuse("must not hold NUL or lone surrogates")
    return text


def _not_blank(text: str) -> str:
    if not text.strip(WHITE_SPACE):
        raise _refuse("must not be blank")
    return text


def _printable(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" or character in _BIDI_OVERRIDES for character in text):
        raise _refuse("must not hold control characters or ones that turn the direction of writing")
    return text


def _username(text: str) -> str:
    folded = fold_username(text)
    if not valid_username(folded):
        raise _refuse("must be 3 to 32 of a-z, 0-9, _, . and -")
    return folded


def _password(text: str) -> str:
    normal = normalize_password(text)
    if not 8 <= len(normal) <= 128:
        raise _refuse("must have 8 to 128 characters")
    return normal


def _trimmed(text: str) -> str:
    trimmed = text.strip(WHITE_SPACE)
    if not 1 <= len(trimmed) <= 64:
        raise _refuse("must have 1 to 64 characters, not counting white space around them")
    return trimmed


def read_id(value: object) -> UUID:
    """Any version, either case. Raises an error of pydantic's."""
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise _refuse("must be a UUID")
    return UUID(value)


def text_of_id(value: object) -> str:
    """The same in lower case."""
    if isinstance(value, str) and _LOWER_UUID.fullmatch(value):
        return value
    return str(read_id(value))


def _uuid_or_nowhere(value: object) -> UUID:
    return UUID(value) if isinstance(value, str) and _UUID.fullmatch(value) else NOWHERE


def _digits(value: object) -> object:
    if isinstance(value, str):
        if not _DIGITS.fullmatch(value):
            raise _refuse("must be an integer in ASCII digits")
        return int(value)
    return value


def _flag(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


# The same for the OpenAPI document, in the regular expressions of ECMA-262.
_SPACE = r"\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CONTROL = r"\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069"
_BLACK = rf"[^\u0000{_SPACE}]"


def _told(pattern: str, **schema: Any) -> Any:
    """What the OpenAPI document says, where a validator of ours decides."""
    return Field(json_schema_extra={"pattern": pattern, **schema})


Text = Annotated[str, AfterValidator(_storable), _told(r"^[^\u0000]*$")]
Content = Annotated[
    Text,
    StringConstraints(min_length=1, max_length=MAX_CONTENT_CHARACTERS),
    AfterValidator(_not_blank),
    _told(rf"^[^\u0000]*{_BLACK}[^\u0000]*$"),
]
Name = Annotated[
    Text,
    StringConstraints(min_length=1, max_length=64),
    AfterValidator(_printable),
    AfterValidator(_not_blank),
    _told(rf"^[^{_CONTROL}]*[^{_CONTROL}{_SPACE}][^{_CONTROL}]*$"),
]
DeviceName = Annotated[
    Text,
    StringConstraints(min_length=1, max_length=64),
    AfterValidator(_printable),
    _told(rf"^[^{_CONTROL}]*$"),
]
Username = Annotated[Text, Field(max_length=1_024), AfterValidator(_username), _told("^[a-z0-9_.-]{3,32}$")]
LoginText = Annotated[Text, Field(max_length=1_024)]
Password = Annotated[
    Text, Field(max_length=1_024), AfterValidator(_password), _told(r"^[^\u0000]*$", minLength=8, maxLength=128)
]
RefreshTokenText = Annotated[Text, Field(min_length=1, max_length=1_024)]
ClientMessageId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
SearchText = Annotated[
    Text,
    Field(max_length=1_024),
    AfterValidator(_trimmed),
    _told(rf"^[{_SPACE}]*{_BLACK}([^\u0000]{{0,62}}{_BLACK})?[{_SPACE}]*$"),
]
Cursor = Annotated[Text, Field(min_length=1, max_length=1_024)]

UUID_SCHEMA: dict[str, Any] = {"type": "string", "format": "uuid"}
Uuid = Annotated[UUID, BeforeValidator(read_id), WithJsonSchema(UUID_SCHEMA)]
UuidText = Annotated[str, BeforeValidator(text_of_id), WithJsonSchema(UUID_SCHEMA)]
"""The same as text in lower case, for what only looks it up."""
PathId = Annotated[UUID, BeforeValidator(_uuid_or_nowhere), WithJsonSchema(UUID_SCHEMA), Path()]
"""An id in a path: one that is no UUID names nothing, and is the resource's 404."""

Seq = Annotated[int, Field(strict=True, ge=0, le=MAX_INTEGER)]
# The bounds stand before the validator: behind it the OpenAPI document would not tell them.
QuerySeq = Annotated[int, Field(ge=0, le=MAX_INTEGER), BeforeValidator(_digits)]
UpTo50 = Annotated[int, Field(ge=1, le=50), BeforeValidator(_digits)]
UpTo100 = Annotated[int, Field(ge=1, le=100), BeforeValidator(_digits)]
UpTo200 = Annotated[int, Field(ge=1, le=200), BeforeValidator(_digits)]
UpTo500 = Annotated[int, Field(ge=1, le=500), BeforeValidator(_digits)]
Flag = Annotated[bool, BeforeValidator(_flag), Field(strict=True)]
