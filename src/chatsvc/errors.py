"""What can be refused: one class for each code of section 7 of docs/protocol.md.

Raised anywhere, turned into HTTP in `api/envelope.py` alone. The class holds the status, the code and a
message for people; an instance may add `details` for programs, and `retry_after` in seconds.
"""

from typing import Any, ClassVar


class ChatError(Exception):
    """A refusal that a client is told of. Clients branch on `code`, never on `message`."""

    status: ClassVar[int]
    code: ClassVar[str]
    message: ClassVar[str]

    def __init__(self, *, details: Any = None, retry_after: int | None = None) -> None:
        super().__init__(self.code)
        self.details = details
        self.retry_after = retry_after


class InvalidRequest(ChatError):
    """`details` is a list of {field, message}; the input itself is never repeated."""

    status, code, message = 422, "invalid_request", "The request is malformed."


def invalid_field(field: str, message: str) -> InvalidRequest:
    """An InvalidRequest about one field, named by its dotted path."""
    return InvalidRequest(details=[{"field": field, "message": message}])


class AccessTokenMissing(ChatError):
    status, code, message = 401, "access_token_missing", "An access token is needed."


class AccessTokenInvalid(ChatError):
    status, code, message = 401, "access_token_invalid", "The access token is not valid, or its session has ended."


class AccessTokenExpired(ChatError):
    status, code, message = 401, "access_token_expired", "The access token has expired: refresh it."


class InvalidCredentials(ChatError):
    status, code, message = 401, "invalid_credentials", "The username or the password is wrong."


class RefreshTokenInvalid(ChatError):
    status, code, message = 401, "refresh_token_invalid", "The refresh token is unknown, or its session has ended."


class RefreshTokenExpired(ChatError):
    status, code, message = 401, "refresh_token_expired", "The refresh token has expired: log in again."


class RefreshTokenReused(ChatError):
    status, code, message = 401, "refresh_token_reused", "The refresh token was used before: the session is over."


class UsernameTaken(ChatError):
    status, code, message = 409, "username_taken", "This username is taken."


class UserNotFound(ChatError):
    status, code, message = 404, "user_not_found", "There is no such user."


class ConversationNotFound(ChatError):
    status, code, message = 404, "conversation_not_found", "There is no such conversation."


class SessionNotFound(ChatError):
    status, code, message = 404, "session_not_found", "There is no such session."


class CannotMessageSelf(ChatError):
    status, code, message = 400, "cannot_message_self", "A conversation needs somebody else."


class IdempotencyConflict(ChatError):
    """`details`: message_id, conversation_id and seq of the message that has the key."""

    status, code, message = 409, "idempotency_conflict", "This client_message_id names another message."


class SyncEpochChanged(ChatError):
    """`details`: the server's sync_epoch."""

    status, code, message = 409, "sync_epoch_changed", "The server's history is another: bootstrap again."


class PayloadTooLarge(ChatError):
    """`details`: max_bytes or max_entries."""

    status, code, message = 413, "payload_too_large", "The request is too large."


class RateLimited(ChatError):
    status, code, message = 429, "rate_limited", "Too many requests: wait before the next one."


class NotFound(ChatError):
    status, code, message = 404, "not_found", "There is no such route."


class MethodNotAllowed(ChatError):
    status, code, message = 405, "method_not_allowed", "This route does not take this method."


class TryAgain(ChatError):
    """The work may or may not have been done: the same request may be sent again."""

    status, code, message = 503, "try_again", "Busy or away: repeat the same request."

    def __init__(self, *, details: Any = None, retry_after: int | None = 1) -> None:
        super().__init__(details=details, retry_after=retry_after)


class InternalError(ChatError):
    status, code, message = 500, "internal_error", "A defect. The request id finds it in the log."
