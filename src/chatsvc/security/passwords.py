"""Argon2id through passlib. All of this is slow on purpose: call it through a HashingPool, never on the loop."""

import secrets
import unicodedata
import warnings
from contextlib import suppress
from functools import cache

with warnings.catch_warnings():
    # passlib 1.7.4 imports `crypt` and reads `argon2.__version__`. The second happens when the backend is
    # loaded, so that is done here and not at the first password.
    warnings.filterwarnings("ignore", "'crypt' is deprecated", DeprecationWarning)
    warnings.filterwarnings("ignore", r"Accessing argon2\.__version__", DeprecationWarning)
    from passlib.hash import argon2

    argon2.get_backend()

# OWASP's second choice for Argon2id: 19 MiB a hash, so that a burst of logins does not eat the machine.
_hasher = argon2.using(type="ID", time_cost=2, memory_cost=19_456, parallelism=1)


def normalize_password(text: str) -> str:
    """NFC, the form of RFC 8265 section 4.2, and nothing else; the length of a password is counted after it."""
    return unicodedata.normalize("NFC", text)


def hash_password(password: str) -> str:
    """A salted hash of the normalized password. ValueError beyond passlib's 4,096 bytes."""
    hashed: str = _hasher.hash(_encoded(password))
    return hashed


def verify_password(password: str, stored: str | None) -> bool:
    """Never raises for what a client or a damaged row can hold; None means an unknown user.

    Whatever cannot be verified costs a dummy verification, so that time does not tell who exists.
    """
    if stored is not None:
        # Too long a password, or a damaged hash: passlib has a ValueError, TypeError or NotImplementedError for it.
        # A failure of the machine shows up again in the dummy verification, and is raised there.
        with suppress(Exception):
            return bool(_hasher.verify(_encoded(password), stored))
    _hasher.verify(b"", _dummy_hash())
    return False


def needs_rehash(stored: str) -> bool:
    """Whether a hash that has just been verified was made with other parameters than today's."""
    return bool(_hasher.needs_update(stored))


def warm_up() -> None:
    """Make the dummy hash, or the first unknown user would wait twice as long as everybody else."""
    verify_password("", None)


def _encoded(password: str) -> bytes:
    # Not left to passlib: its UnicodeEncodeError for a lone surrogate would carry the password.
    return normalize_password(password).encode("utf-8", "surrogatepass")


@cache
def _dummy_hash() -> str:
    return hash_password(secrets.token_urlsafe())
