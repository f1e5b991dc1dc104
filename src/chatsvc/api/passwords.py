"""Comparing passwords: limited before it costs anything, away from the event loop, alike for unknown users."""

from typing import NoReturn
from uuid import UUID

from chatsvc.api.services import Actor, Services
from chatsvc.commands.audit import Origin
from chatsvc.commands.refuse_credentials import RefuseCredentials, refuse_credentials
from chatsvc.errors import AccessTokenInvalid, RateLimited
from chatsvc.queries.credentials import Credentials, credentials_of_user
from chatsvc.security.passwords import hash_password, needs_rehash, normalize_password, verify_password


async def require_login_allowance(services: Services, address: str, username: str) -> None:
    """Raises RateLimited, the same for a username that nobody has.

    By address and username together the limit is strict, by either alone it is wide. The address is asked first, so
    that one which is refused makes no keys; and what is refused later is given back, so that it costs nobody else.
    """
    keys = (("login_address", address), ("login", f"{address}/{username}"), ("login_username", username))
    for at, (name, who) in enumerate(keys):
        try:
            await services.limiter.require(name, who)
        except RateLimited:
            for taken, whose in keys[:at]:
                await services.limiter.give_back(taken, whose, 1)
            raise


async def matches(services: Services, password: str, stored: str | None) -> bool:
    """Whether it is the password. An unknown user (None) costs the same time. Raises TryAgain beyond the queue."""
    return await services.hashing.run(verify_password, password, stored)


async def hashed(services: Services, password: str) -> str:
    return await services.hashing.run(hash_password, password)


async def verified(
    services: Services, password: str, found: Credentials | None, username: str, origin: Origin
) -> tuple[Credentials, str | None]:
    """The credentials, with a new hash if the stored one was made at older parameters. Raises InvalidCredentials."""
    matching = await matches(services, password, None if found is None else found.password_hash)
    if found is None or not matching:
        await refuse(services, "login", username, found, origin)
    stale = needs_rehash(found.password_hash)
    return found, await hashed(services, password) if stale else None


async def confirmed(
    services: Services, actor: Actor, password: str, event: str, origin: Origin, address: str
) -> Credentials:
    """The actor's credentials, when this is their password. Raises RateLimited, InvalidCredentials."""
    found = await services.db.read_primary(credentials_of_user, user_id=actor.user_id)
    if found is None:
        raise AccessTokenInvalid
    await require_login_allowance(services, address, found.username)
    if not await matches(services, normalize_password(password), found.password_hash):
        await refuse(services, event, found.username, found, origin, session_id=actor.session_id)
    return found


async def refuse(
    services: Services,
    event: str,
    username: str,
    found: Credentials | None,
    origin: Origin,
    *,
    session_id: UUID | None = None,
) -> NoReturn:
    """Tell the audit log, then raise InvalidCredentials."""
    command = RefuseCredentials(event, username, None if found is None else found.user_id, origin, session_id)
    raise await services.db.execute(refuse_credentials, command)
