"""What production refuses to start with, each named by its setting."""

from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from chatsvc.settings import Settings

MIN_KEY_BYTES = 32
"""RFC 7518 section 3.2: at least as long as the hash."""
_MIN_DISTINCT_BYTES = 10
_DEFAULT_PASSWORDS = {"", "admin", "changeme", "chatsvc", "example", "password", "postgres", "root", "secret", "test"}
_SAMPLE_WORDS = ("change-me", "changeme", "change_me", "example", "your-256-bit-secret", "replace", "insecure")


def refusals(settings: "Settings") -> list[str]:
    """One line for each setting that is unsafe, naming it and never repeating a secret."""
    found = []
    keys = settings.jwt_keys.get_secret_value()
    if not keys:
        found.append("CHATSVC_JWT_KEYS is missing (`chatsvc keys new` makes one)")
    elif any(_weak(entry.partition(":")[2]) for entry in keys.split(",")):
        found.append(f"CHATSVC_JWT_KEYS holds a weak key: at least {MIN_KEY_BYTES} random bytes are needed")
    if settings.docs:
        found.append("CHATSVC_DOCS opens the documentation to everybody")
    if "*" in settings.cors_origins:
        found.append("CHATSVC_CORS_ORIGINS allows every origin")
    if any(_trusts_everybody(proxy) for proxy in settings.trusted_proxies):
        found.append("CHATSVC_TRUSTED_PROXIES trusts every address")
    for name, url in (("DATABASE_URL", settings.database_url), ("READ_DATABASE_URL", settings.read_database_url)):
        if _default_password(url.get_secret_value()):
            found.append(f"CHATSVC_{name} has a default password")
    return found


def _weak(secret: str) -> bool:
    secret = secret.strip()
    few = len(set(secret)) < _MIN_DISTINCT_BYTES
    sample = any(word in secret.lower() for word in _SAMPLE_WORDS)
    return len(secret.encode()) < MIN_KEY_BYTES or few or sample


def _trusts_everybody(proxy: str) -> bool:
    if proxy == "*":
        return True
    try:
        return ip_network(proxy, strict=False).prefixlen == 0
    except ValueError:
        return False


def _default_password(url: str) -> bool:
    """Read as `db` and the driver do: in any case, and from the parameters too."""
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
