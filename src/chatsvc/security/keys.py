"""The keys that sign access tokens: from a setting, or from a file made at the first start."""

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from chatsvc.fsync import fsync
from chatsvc.production import MIN_KEY_BYTES

_KID = re.compile(r"[A-Za-z0-9._-]{1,32}")
# Printable ASCII, no spaces: a PEM, SSH or DER public key is no secret, and none of them passes.
_SECRET = re.compile(rb"[!-~]+")


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Ordered (kid, secret) pairs: the first signs, all verify. Problems are named by position, never by content."""

    pairs: tuple[tuple[str, bytes], ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.pairs:
            raise ValueError("there is no signing key")
        seen: set[str] = set()
        for place, (kid, secret) in enumerate(self.pairs, 1):
            if problem := _problem(kid, secret):
                raise ValueError(f"signing key {place} {problem}")
            if kid in seen:
                raise ValueError(f"signing key {place} has the kid of an earlier one")
            seen.add(kid)


def parse_keys(text: str) -> SigningKeys:
    """Read `kid:secret,kid:secret`. ValueError names the problem and never repeats what was given."""
    if not text.strip():
        return SigningKeys(())
    entries = [entry.strip().partition(":") for entry in text.split(",")]
    return SigningKeys(tuple((kid, secret.encode("utf-8", "surrogatepass")) for kid, _, secret in entries))


def new_key(kid: str | None = None) -> str:
    """A line `kid:secret` with a random secret; without a kid, the date and something random."""
    kid = kid if kid is not None else f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"
    secret = secrets.token_urlsafe(48)
    SigningKeys(((kid, secret.encode()),))  # refuses a bad kid
    return f"{kid}:{secret}"


def load_or_create_key_file(path: Path) -> SigningKeys:
    """The keys in the file, which is made with one new key if it is missing; its directory must be there.

    Safe when several processes start at once: all come to hold the same key. ValueError for a file that
    others can open, or that holds no keys.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        _create(path)
        return _read(path)


def _problem(kid: str, secret: bytes) -> str | None:
    if not _KID.fullmatch(kid):
        return "is not `kid:secret` with a kid of 1-32 letters, digits, '.', '_' or '-'"
    if len(secret) < MIN_KEY_BYTES:
        return f"has a secret of fewer than {MIN_KEY_BYTES} bytes"
    if not _SECRET.fullmatch(secret):
        return "has a secret that is not printable ASCII without spaces"
    return None


def _read(path: Path) -> SigningKeys:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:  # of what was opened, not of what has the name by now
            raise ValueError(f"{path} is open to others than its owner: chmod 600 it, or replace it")
        content = file.read()
    try:
        return parse_keys(content.decode("ascii", "replace"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _create(path: Path) -> None:
    """Written in full under another name and then linked: nobody sees half a file, and the first one wins."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(new_key() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
    fsync(path.parent)
