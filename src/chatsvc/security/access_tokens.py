"""Access tokens: JWTs with one algorithm and exact headers. The only module that imports jose.

What jose 3.5.0 lets through, and so what the checks here are for, stands in tests/unit/test_access_tokens.py.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from jose import jwk, jwt

from chatsvc.errors import AccessTokenExpired, AccessTokenInvalid
from chatsvc.security.keys import SigningKeys

_ALGORITHM = "HS256"
_MAX_CHARACTERS = 2_048
_OPTIONS = {
    "require_iss": True,
    "require_aud": True,
    "require_sub": True,
    # Times are judged here, by the clock that the caller passes in. `require_exp` must stay away: it
    # switches jose's own check of the time back on.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


@dataclass(frozen=True, slots=True)
class AccessClaims:
    user_id: UUID
    session_id: UUID
    expires_at: int  # seconds since the epoch


class AccessTokens:
    """Issues with the first key and verifies with all. A token never lives longer than `max_life_seconds`."""

    def __init__(self, *, keys: SigningKeys, issuer: str, audience: str, max_life_seconds: int) -> None:
        self._issuer = issuer
        self._audience = audience
        self._max_life_seconds = max_life_seconds
        # Key objects, not bytes: jose would try to read bytes as JSON, and then as a set of keys.
        keyring = [(_headers(kid), jwk.construct(secret, _ALGORITHM)) for kid, secret in keys.pairs]
        self._signing = keyring[0]
        # jose writes a header the same way each time, so a known first segment is a known alg, kid and typ
        # (RFC 8725 sections 3.1 and 3.11), and no foreign header is ever parsed.
        self._key_by_header = {_signed({}, headers, key).partition(".")[0]: key for headers, key in keyring}

    def issue(self, *, user_id: UUID, session_id: UUID, now: datetime, expires_at: datetime) -> str:
        """A token in whole seconds, both times cut; they are aware."""
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(user_id),
            "sid": str(session_id),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        return _signed(claims, *self._signing)

    def verify(self, token: str, *, now: datetime) -> AccessClaims:
        """AccessTokenExpired from the second of `exp` on, AccessTokenInvalid for every other defect."""
        claims = self._trusted_claims(token)
        user_id, session_id = _uuid(claims.get("sub")), _uuid(claims.get("sid"))
        issued_at, expires_at = _seconds(claims.get("iat")), _seconds(claims.get("exp"))
        # A future `iat` is taken: replicas' clocks differ, and RFC 7519 section 4.1.6 asks for nothing.
        if not 0 <= expires_at - issued_at <= self._max_life_seconds:
            raise AccessTokenInvalid
        if _seconds(claims.get("nbf", 0)) > now.timestamp():
            raise AccessTokenInvalid
        if expires_at <= now.timestamp():  # RFC 7519 section 4.1.4: "on or after"; jose lets the second itself pass
            raise AccessTokenExpired
        return AccessClaims(user_id, session_id, expires_at)

    def _trusted_claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that one of the keys signed, for this issuer and audience, at any time."""
        if not token.isascii() or len(token) > _MAX_CHARACTERS or token.count(".") != 2:
            raise AccessTokenInvalid
        header, _, signature = token.split(".")
        key = self._key_by_header.get(header)
        if key is None or not _canonical(signature):
            raise AccessTokenInvalid
        try:
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=[_ALGORITHM], audience=self._audience, issuer=self._issuer, options=_OPTIONS
            )
        except Exception as error:  # jose lets more escape than JWTError, RecursionError for one
            raise AccessTokenInvalid from error
        return claims


def _headers(kid: str) -> dict[str, str]:
    return {"kid": kid, "typ": "at+jwt"}  # RFC 9068 section 2.1


def _signed(claims: dict[str, Any], headers: dict[str, str], key: Any) -> str:
    token: str = jwt.encode(claims, key, algorithm=_ALGORITHM, headers=headers)
    return token


def _canonical(signature: str) -> bool:
    """Whether this is the one spelling of its bytes: decoding skips padding, spare bits and odd characters."""
    try:
        return urlsafe_b64encode(urlsafe_b64decode(signature + "=")) == (signature + "=").encode()
    except ValueError:
        return False


def _uuid(value: object) -> UUID:
    try:
        if isinstance(value, str) and str(found := UUID(value)) == value:
            return found
    except ValueError:
        pass
    raise AccessTokenInvalid


def _seconds(value: object) -> int:
    if type(value) is not int:  # bool is an int to isinstance
        raise AccessTokenInvalid
    return value
