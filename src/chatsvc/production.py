"""What makes a setting unsafe in production."""

from ipaddress import ip_network
from urllib.parse import parse_qsl, unquote, urlsplit

MIN_KEY_BYTES = 32
"""RFC 7518 section 3.2: at least as long as the hash."""
_MIN_DISTINCT_BYTES = 10
_DEFAULT_PASSWORDS = {"", "admin", "changeme", "chatsvc", "example", "password", "postgres", "root", "secret", "test"}
_SAMPLE_WORDS = ("change-me", "changeme", "change_me", "example", "your-256-bit-secret", "replace", "insecure")


def has_weak_key(keys: str) -> bool:
    """Whether any of `kid:secret,kid:secret` is short, repetitive or known from an example."""
    return any(_weak(entry.partition(":")[2]) for entry in keys.split(","))


def _weak(secret: str) -> bool:
    secret = secret.strip()
    few = len(set(secret)) < _MIN_DISTINCT_BYTES
    sample = any(word in secret.lower() for word in _SAMPLE_WORDS)
    return len(secret.encode()) < MIN_KEY_BYTES or few or sample


def trusts_everybody(proxy: str) -> bool:
    """Whether an address or network is every address."""
    if proxy == "*":
        return True
    try:
        return ip_network(proxy, strict=False).prefixlen == 0
    except ValueError:
        return False


def has_default_password(url: str) -> bool:
    """Whether a database URL's password is one that anybody would try.

    Read as `db` and the driver do: in any case, and from the parameters too.
    """
    url = url.strip()
    if not url.lower().startswith("postgres"):
        return False
    try:
        parts = urlsplit(url)
        given = [unquote(parts.password)] if parts.password is not None else []
        given += [value for name, value in parse_qsl(parts.query, keep_blank_values=True) if name == "password"]
    except ValueError:  # its message may hold the password; where the URL is used it is refused without
        return False
    return any(password.lower() in _DEFAULT_PASSWORDS for password in given)
