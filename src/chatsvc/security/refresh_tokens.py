"""Refresh tokens: random text that the client keeps, and of which the server keeps a hash."""

import hashlib
import secrets


def new_refresh_token() -> str:
    """256 random bits as 43 characters of URL-safe base64."""
    return secrets.token_urlsafe(32)


def hash_refresh_token(token: str) -> str:
    """SHA-256 in hex, of any text at all. Enough here: 256 random bits cannot be guessed from a fast hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
