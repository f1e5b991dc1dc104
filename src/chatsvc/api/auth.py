"""Signing up, in and out; sessions and the password: section 2 of the contract."""

from fastapi import APIRouter

from chatsvc.api.envelope import Data, Nothing
from chatsvc.api.inputs import Body, DeviceName, LoginText, Name, Password, PathId, RefreshTokenText, Username
from chatsvc.api.openapi import refuses
from chatsvc.api.passwords import hashed, matches, refuse, require_login_allowance, verified
from chatsvc.api.routing import PublicRoute, Route
from chatsvc.api.services import Address, CurrentActor, Db, RequestOrigin, Svc
from chatsvc.api.tokens import SignedIn, TokensOnly, session_life, token_pair
from chatsvc.commands.change_password import ChangePassword, change_password
from chatsvc.commands.end_session import EndSession, end_session
from chatsvc.commands.log_in import LogIn, log_in
from chatsvc.commands.log_out import LogOut, log_out
from chatsvc.commands.register_user import RegisterUser, register_user
from chatsvc.commands.rotate_token import RotateToken, rotate_token
from chatsvc.errors import (
    AccessTokenInvalid,
    InvalidCredentials,
    RateLimited,
    RefreshTokenExpired,
    RefreshTokenInvalid,
    RefreshTokenReused,
    SessionNotFound,
    UsernameTaken,
)
from chatsvc.queries.credentials import credentials_of_user, credentials_of_username
from chatsvc.queries.sessions import SessionView, sessions
from chatsvc.security.names import fold_username
from chatsvc.security.passwords import normalize_password
from chatsvc.security.refresh_tokens import hash_refresh_token

public = APIRouter(prefix="/v1/auth", tags=["auth"], route_class=PublicRoute)
router = APIRouter(prefix="/v1/auth", tags=["auth"], route_class=Route)


class Registration(Body):
    username: Username
    password: Password
    display_name: Name | None = None
    device_name: DeviceName | None = None


class Login(Body):
    username: LoginText
    password: LoginText
    device_name: DeviceName | None = None


class RefreshTokenBody(Body):
    refresh_token: RefreshTokenText


class PasswordChange(Body):
    current_password: LoginText
    new_password: Password


class SessionList(Body):
    sessions: list[SessionView]


@public.post("/register", status_code=201, responses=refuses(UsernameTaken, RateLimited))
async def register(
    body: Registration, services: Svc, db: Db, origin: RequestOrigin, address: Address
) -> Data[SignedIn]:
    """A new user with a first session. `username_taken` if somebody has the name, in any spelling that folds alike."""
    await services.limiter.require("register", address)
    command = RegisterUser(
        username=body.username,
        display_name=body.display_name or body.username,
        password_hash=await hashed(services, body.password),
        device_name=body.device_name,
        life=session_life(services.settings),
        origin=origin,
    )
    registered = await db.execute(register_user, command)
    return Data(data=SignedIn(user=registered.user, tokens=token_pair(services, registered.token)))


@public.post("/login", responses=refuses(InvalidCredentials, RateLimited))
async def login(body: Login, services: Svc, db: Db, origin: RequestOrigin, address: Address) -> Data[SignedIn]:
    """A new session. An unknown username and a wrong password get the same answer after the same time."""
    username = fold_username(body.username)
    await require_login_allowance(services, address, username)
    found = await db.read_primary(credentials_of_username, username=username)
    known, new_hash = await verified(services, normalize_password(body.password), found, username, origin)
    life = session_life(services.settings)
    command = LogIn(known.user_id, known.password_hash, new_hash, body.device_name, life, origin)
    logged_in = await db.execute(log_in, command)
    return Data(data=SignedIn(user=logged_in.user, tokens=token_pair(services, logged_in.token)))


@public.post("/refresh", responses=refuses(RefreshTokenInvalid, RefreshTokenExpired, RefreshTokenReused, RateLimited))
async def refresh(
    body: RefreshTokenBody, services: Svc, db: Db, origin: RequestOrigin, address: Address
) -> Data[TokensOnly]:
    """A successor of a refresh token, which stays good until one of its successors is used."""
    await services.limiter.require("refresh", address)
    token_hash = hash_refresh_token(body.refresh_token)
    issued = await db.execute(rotate_token, RotateToken(token_hash, session_life(services.settings), origin))
    return Data(data=TokensOnly(tokens=token_pair(services, issued)))


@public.post("/logout", responses=refuses(RateLimited))
async def logout(
    body: RefreshTokenBody, services: Svc, db: Db, origin: RequestOrigin, address: Address
) -> Data[Nothing]:
    """End the session of a refresh token. Again, or with an unknown one, the same answer."""
    await services.limiter.require("refresh", address)
    await db.execute(log_out, LogOut(hash_refresh_token(body.refresh_token), origin))
    return Data(data=Nothing())


@router.get("/sessions")
async def list_sessions(actor: CurrentActor, db: Db) -> Data[SessionList]:
    """One's own live sessions."""
    found = await db.read_primary(sessions, user_id=actor.user_id, current_id=actor.session_id)
    return Data(data=SessionList(sessions=found))


@router.delete("/sessions/{session_id}", responses=refuses(SessionNotFound))
async def delete_session(session_id: PathId, actor: CurrentActor, db: Db, origin: RequestOrigin) -> Data[Nothing]:
    """End one of one's own sessions; again, the same answer."""
    await db.execute(end_session, EndSession(actor.user_id, session_id, origin))
    return Data(data=Nothing())


@router.post("/password", responses=refuses(InvalidCredentials, RateLimited))
async def change_own_password(
    body: PasswordChange, actor: CurrentActor, services: Svc, db: Db, origin: RequestOrigin, address: Address
) -> Data[TokensOnly]:
    """Set a new password; every other session is over. Repeated after a lost answer, it is 200 again."""
    found = await db.read_primary(credentials_of_user, user_id=actor.user_id)
    if found is None:
        raise AccessTokenInvalid
    await require_login_allowance(services, address, found.username)
    new_hash = None
    if await matches(services, normalize_password(body.current_password), found.password_hash):
        new_hash = await hashed(services, body.new_password)
    else:
        await require_login_allowance(services, address, found.username)
        if not await matches(services, body.new_password, found.password_hash):
            session_id = actor.session_id
            await refuse(services, "password", found.username, found, origin, session_id=session_id)
    life = session_life(services.settings)
    command = ChangePassword(actor.user_id, actor.session_id, found.password_hash, new_hash, life, origin)
    issued = await db.execute(change_password, command)
    return Data(data=TokensOnly(tokens=token_pair(services, issued)))
