"""For every command of the service at least one case in which it has much to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from chatsvc.api.tokens import session_life
from chatsvc.commands.audit import Origin
from chatsvc.commands.change_password import ChangePassword, change_password
from chatsvc.commands.delete_user import DeleteUser, delete_user
from chatsvc.commands.disable_user import DisableUser, disable_user
from chatsvc.commands.enable_user import EnableUser, enable_user
from chatsvc.commands.end_session import EndSession, end_session
from chatsvc.commands.log_in import LogIn, log_in
from chatsvc.commands.log_out import LogOut, log_out
from chatsvc.commands.new_epoch import new_epoch
from chatsvc.commands.open_direct import OpenDirect, open_direct
from chatsvc.commands.prune import Prune, prune
from chatsvc.commands.refuse_credentials import RefuseCredentials, refuse_credentials
from chatsvc.commands.register_user import RegisterUser, register_user
from chatsvc.commands.reset_password import ResetPassword, reset_password
from chatsvc.commands.rotate_token import RotateToken, rotate_token
from chatsvc.commands.send_messages import send_messages
from chatsvc.commands.take_allowance import Rate, TakeAllowance, take_allowance
from chatsvc.commands.update_profile import UpdateProfile, update_profile
from chatsvc.security.refresh_tokens import hash_refresh_token
from tests.commands.litter import litter
from tests.commands.sending import item, unit
from tests.commands.signing_in import successor, use
from tests.support.service import Device, Service

Command = Any


@dataclass(frozen=True)
class Scenario:
    """`prepare` gives the command; `again` makes of it what a client's repetition of the request is.

    `once`: a repetition changes nothing that can be told from one run. Of the others the contract says that it does: a
    login is one more session, a refused password one more entry of the audit log.
    """

    name: str
    handler: Callable[..., Awaitable[Any]]
    prepare: Callable[[Service], Awaitable[Command]]
    once: bool = True
    again: Callable[[Command], Command] = lambda command: command


def _life(service: Service) -> Any:
    return session_life(service.inside.settings)


async def _registering(service: Service) -> RegisterUser:
    return RegisterUser("ana", "Ana", "-", "phone", _life(service), Origin())


async def _registering_a_name_that_is_taken(service: Service) -> RegisterUser:
    await service.newcomer("ana")
    return await _registering(service)


async def _logging_in(service: Service) -> LogIn:
    ana = await service.newcomer()
    return LogIn(UUID(ana.id), "-", "--", "phone", _life(service), Origin())


def _compared_anew(command: Any) -> Any:
    """The password is compared with the hash that is stored by then."""
    return replace(command, verified_hash="--", new_hash=None)


async def _changing_the_password(service: Service) -> ChangePassword:
    ana = await service.newcomer()
    await use(ana)
    await service.another_session(ana)
    await service.another_session(ana)
    return ChangePassword(UUID(ana.id), UUID(ana.tokens["session_id"]), "-", "--", _life(service), Origin())


async def _ending_a_session(service: Service) -> EndSession:
    ana = await service.newcomer()
    return EndSession(UUID(ana.id), UUID(ana.tokens["session_id"]), Origin())


async def _logging_out(service: Service) -> LogOut:
    return LogOut(_hash(await service.newcomer()), Origin())


def _hash(device: Device) -> str:
    return hash_refresh_token(device.tokens["refresh_token"])


async def _refreshing_for_the_first_time(service: Service) -> RotateToken:
    return RotateToken(_hash(await service.newcomer()), _life(service), Origin())


async def _refreshing_with_siblings(service: Service) -> RotateToken:
    """The use of one spends its parent and two others."""
    ana = await service.newcomer()
    siblings = [await successor(ana) for _ in range(3)]
    return RotateToken(hash_refresh_token(siblings[0]), _life(service), Origin())


async def _refreshing_with_a_stolen_token(service: Service) -> RotateToken:
    ana = await service.newcomer()
    stolen = _hash(ana)
    await use(ana)
    await use(ana)
    return RotateToken(stolen, _life(service), Origin())


async def _refreshing_too_late(service: Service) -> RotateToken:
    ana = await service.newcomer()
    service.clock.advance(days=61)
    return RotateToken(_hash(ana), _life(service), Origin())


async def _refusing(service: Service) -> RefuseCredentials:
    return RefuseCredentials("login", "ana", UUID((await service.newcomer()).id), Origin())


async def _opening(service: Service) -> OpenDirect:
    ana, ben = await service.newcomer(), await service.newcomer()
    return OpenDirect(UUID(ana.id), UUID(ben.id))


async def _sending_one(service: Service) -> Command:
    ana, ben = await service.newcomer(), await service.newcomer()
    talk = await ana.open_direct(ben)
    await ben.send(talk, "before")
    return (unit(ana, item(talk, "one")),)


async def _sending_a_batch(service: Service) -> Command:
    """Two conversations, a message that is known, one under a known key, a stranger's conversation."""
    ana, ben, cleo = [await service.newcomer() for _ in range(3)]
    talks = [await ana.open_direct(other) for other in (ben, cleo)]
    theirs = await ben.open_direct(cleo)
    for at, talk in enumerate(talks):
        await ana.send(talk, f"before-{at}")
    known, other = item(talks[0], "before-0"), item(talks[0], "before-1", "something else")
    new = [item(talks[at % 2], f"new-{at}", "text " * 40) for at in range(5)]
    return (unit(ana, known, *new, other, item(theirs, "stranger")),)


async def _taking(service: Service) -> TakeAllowance:
    return TakeAllowance("send:ana", Rate(5, 60), 2)


async def _renaming(service: Service) -> UpdateProfile:
    return UpdateProfile(UUID((await service.newcomer()).id), "Ana the Second")


async def _pruning(service: Service) -> Prune:
    """Of each kind there is something to remove."""
    await litter(service, users=2)
    await service.newcomer()
    return Prune(timedelta(days=365))


async def _somebody_who_talks(service: Service) -> tuple[Device, Device]:
    """With two sessions and two conversations; and one of the others."""
    ana, ben, cleo = [await service.newcomer() for _ in range(3)]
    await service.another_session(ana)
    for other in (ben, cleo):
        await ana.send(await ana.open_direct(other), f"to {other.id}")
    return ana, ben


async def _disabling(service: Service) -> DisableUser:
    ana, _ = await _somebody_who_talks(service)
    return DisableUser(UUID(ana.id), Origin())


async def _enabling(service: Service) -> EnableUser:
    command = await _disabling(service)
    await service.inside.db.execute(disable_user, command)
    return EnableUser(command.user_id, Origin())


async def _resetting_a_password(service: Service) -> ResetPassword:
    ana, _ = await _somebody_who_talks(service)
    return ResetPassword(UUID(ana.id), "--", Origin())


async def _deleting(service: Service) -> DeleteUser:
    """One of the others is deleted already: nobody can read their conversation any more."""
    ana, ben = await _somebody_who_talks(service)
    await service.inside.db.execute(delete_user, DeleteUser(UUID(ben.id), None, Origin()))
    return DeleteUser(UUID(ana.id), None, Origin())


async def _nothing(service: Service) -> None:
    await service.newcomer()


SCENARIOS = [
    Scenario("registering", register_user, _registering, once=False),
    Scenario("registering a name that is taken", register_user, _registering_a_name_that_is_taken, once=False),
    Scenario("logging in", log_in, _logging_in, once=False, again=_compared_anew),
    Scenario("changing the password", change_password, _changing_the_password, once=False, again=_compared_anew),
    Scenario("ending a session", end_session, _ending_a_session),
    Scenario("logging out", log_out, _logging_out),
    Scenario("refreshing for the first time", rotate_token, _refreshing_for_the_first_time, once=False),
    Scenario("refreshing with siblings", rotate_token, _refreshing_with_siblings, once=False),
    Scenario("refreshing with a stolen token", rotate_token, _refreshing_with_a_stolen_token),
    Scenario("refreshing too late", rotate_token, _refreshing_too_late, once=False),
    Scenario("refusing a password", refuse_credentials, _refusing, once=False),
    Scenario("opening a conversation", open_direct, _opening),
    Scenario("sending one message", send_messages, _sending_one),
    Scenario("sending a batch", send_messages, _sending_a_batch),
    Scenario("taking an allowance", take_allowance, _taking, once=False),
    Scenario("renaming", update_profile, _renaming),
    Scenario("pruning", prune, _pruning),
    Scenario("disabling", disable_user, _disabling),
    Scenario("enabling", enable_user, _enabling),
    Scenario("a password that is reset", reset_password, _resetting_a_password, once=False),
    Scenario("deleting", delete_user, _deleting),
    Scenario("a new epoch", new_epoch, _nothing),
]
