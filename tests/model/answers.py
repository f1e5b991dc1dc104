"""What came back, and the words for refusing it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

STATUS = {
    "invalid_request": 422,
    "access_token_missing": 401,
    "access_token_invalid": 401,
    "access_token_expired": 401,
    "invalid_credentials": 401,
    "refresh_token_invalid": 401,
    "refresh_token_expired": 401,
    "refresh_token_reused": 401,
    "username_taken": 409,
    "user_not_found": 404,
    "conversation_not_found": 404,
    "session_not_found": 404,
    "cannot_message_self": 400,
    "idempotency_conflict": 409,
    "sync_epoch_changed": 409,
    "payload_too_large": 413,
    "rate_limited": 429,
    "try_again": 503,
}


class NotAllowed(Exception):
    """The contract does not allow this answer here."""


def must(condition: object, why: str) -> None:
    """Raises NotAllowed."""
    if not condition:
        raise NotAllowed(why)


def same(found: object, wanted: object, what: str) -> None:
    must(found == wanted, f"{what} is {found!r} and not {wanted!r}")


@dataclass(frozen=True)
class Answer:
    """A status and the body as it was read from JSON."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        """The code of a refusal, or ok."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error["code"] if isinstance(error, dict) else "ok"

    def data(self, status: int = 200) -> Any:
        """What a success holds."""
        same((self.status, self.code), (status, "ok"), "the answer")
        must(self.body.keys() == {"data"}, "a success is an object with `data` alone")
        return self.body["data"]

    def must_be(self, code: str, details: Any = None) -> None:
        """This refusal, in its envelope. Details None: none; but for malformed input there are always some."""
        same((self.status, self.code), (STATUS[code], code), "the answer")
        must(self.body.keys() == {"error"}, "a refusal is an object with `error` alone")
        check_error(self.body["error"], code, details)


def check_error(error: Any, code: str, details: Any = None) -> None:
    """The inside of a refusal, of a whole request or of one item of a batch."""
    same(error.get("code"), code, "the code")
    must(error.keys() - {"details"} == {"code", "message"}, "a refusal has a code and a message")
    if code == "invalid_request":
        for problem in error["details"]:
            must(problem.keys() == {"field", "message"}, "malformed input is told field by field")
    else:
        same(error.get("details"), details, "details")


def new_id(found: object, known: set[str]) -> str:
    """An id that the server has just given: version 7, lower case, never given before. It is known from now on."""
    must(isinstance(found, str), "an id is a string")
    name = str(found)
    must(str(UUID(name)) == name and UUID(name).version == 7, f"{name} is no id")
    must(name not in known, f"{name} was given before")
    known.add(name)
    return name
