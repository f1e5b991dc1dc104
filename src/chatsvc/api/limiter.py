"""Who may do how much: the allowances of the settings, kept in this process or shared in the database."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

import structlog

from chatsvc.commands.take_allowance import Allowance, Rate, TakeAllowance, grant, take_allowance
from chatsvc.db import Database
from chatsvc.errors import ChatError, RateLimited
from chatsvc.settings import Settings

_MAX_KEYS = 100_000
_MAX_KEY_CHARACTERS = 100
_log = structlog.get_logger(__name__)


class AllowancesInMemory:
    """Of one process. Bounded: with too many keys at once, the one that was used the longest ago is forgotten."""

    def __init__(self) -> None:
        self._full_at: OrderedDict[str, datetime] = OrderedDict()

    def take(self, command: TakeAllowance, now: datetime) -> Allowance:
        allowance, full_at = grant(self._full_at.get(command.key), now, command.rate, command.wanted)
        self._full_at[command.key] = full_at
        self._full_at.move_to_end(command.key)
        if len(self._full_at) > _MAX_KEYS:
            self._full_at.popitem(last=False)
        return allowance


class Limiter:
    """Takes from allowances. `rates` are named as in the settings: register, login, send, …"""

    def __init__(self, settings: Settings, db: Database, *, on_refusal: Callable[[str], None]) -> None:
        names = [name.removeprefix("limit_") for name in type(settings).model_fields if name.startswith("limit_")]
        self._rates = {name: Rate.parse(getattr(settings, f"limit_{name}")) for name in names}
        self._off = settings.rate_limits == "off"
        self._shared = settings.rate_limit_store == "database"
        self._db = db
        self._memory = AllowancesInMemory()
        self._on_refusal = on_refusal

    async def take(self, name: str, who: object, wanted: int = 1) -> Allowance:
        """As much of `wanted` as is left."""
        if self._off:
            return Allowance(wanted)
        return await self._take(TakeAllowance(_key(name, who), self._rates[name], wanted))

    async def require(self, name: str, who: object) -> None:
        """Take one. Raises RateLimited when there is none."""
        allowance = await self.take(name, who)
        if allowance.granted < 1:
            self._on_refusal(name)
            raise RateLimited(retry_after=allowance.retry_after)

    def refused(self, name: str) -> None:
        """For the metrics: a command refused by the allowance that it was handed."""
        self._on_refusal(name)

    async def give_back(self, name: str, who: object, count: int) -> None:
        """What was taken and not needed."""
        if count > 0 and not self._off:
            await self._take(TakeAllowance(_key(name, who), self._rates[name], -count))

    async def _take(self, command: TakeAllowance) -> Allowance:
        if self._shared:
            try:
                return await self._db.execute(take_allowance, command)
            except ChatError as error:  # the store is away: each process for itself, rather than nobody or everybody
                _log.warning("rate_limit_store_away", error=error.code)
        return self._memory.take(command, self._db.now())


def _key(name: str, who: object) -> str:
    """What is longer than any username is no name of anybody's: too long for an index, and perhaps a password."""
    text = str(who)
    return f"{name}:{text if len(text) <= _MAX_KEY_CHARACTERS else sha256(text.encode()).hexdigest()}"


def address_key(host: str | None) -> str:
    """The key of a client's address: one for the whole /64 of an IPv6 client, one for all that is no address."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((address, 64), strict=False).network_address)
    return str(address)
