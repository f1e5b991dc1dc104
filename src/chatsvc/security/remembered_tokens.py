"""Access tokens that were verified before, so that their signature need not be computed at every request."""

from collections import OrderedDict
from datetime import datetime
from hashlib import sha256

from chatsvc.errors import AccessTokenExpired
from chatsvc.security.access_tokens import AccessClaims, AccessTokens

_MOST = 50_000


class RememberedTokens:
    """Remembers by SHA-256, not the token: what lies in memory opens nothing. Bounded: the one used the longest ago is
    forgotten. Only good tokens are remembered, and their end is looked at each time."""

    def __init__(self, tokens: AccessTokens, *, most: int = _MOST) -> None:
        self._tokens = tokens
        self._most = most
        self._claims: OrderedDict[bytes, AccessClaims] = OrderedDict()

    def verify(self, token: str, *, now: datetime) -> AccessClaims:
        """As AccessTokens does. Raises AccessTokenInvalid and AccessTokenExpired."""
        key = sha256(token.encode("utf-8", "surrogatepass")).digest()
        claims = self._claims.get(key)
        if claims is None:
            claims = self._claims[key] = self._tokens.verify(token, now=now)
            if len(self._claims) > self._most:
                self._claims.popitem(last=False)
            return claims
        if claims.expires_at <= now.timestamp():
            del self._claims[key]
            raise AccessTokenExpired
        self._claims.move_to_end(key)
        return claims
