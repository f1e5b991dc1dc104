"""Registering: a user with a first session."""

from dataclasses import dataclass

from chatsvc.commands.audit import Origin, record
from chatsvc.commands.refresh_chain import IssuedToken, SessionLife, start_session
from chatsvc.db import Statement, Tx, kinds_of
from chatsvc.errors import UsernameTaken
from chatsvc.ids import new_id
from chatsvc.resources import User
from chatsvc.security.names import fold_for_search
from chatsvc.tables import User as UserRow


@dataclass(frozen=True, slots=True)
class RegisterUser:
    """`username` is folded already, `password_hash` made."""

    username: str
    display_name: str
    password_hash: str
    device_name: str | None
    life: SessionLife
    origin: Origin


@dataclass(frozen=True, slots=True)
class RegisteredUser:
    user: User
    token: IssuedToken


# A unique violation would abort a Postgres transaction and not an SQLite one: so the insert itself tells.
_INSERT_USER = Statement(
    """
    INSERT INTO users (id, username, display_name, display_name_folded, password_hash, created_at, updated_at)
    VALUES (:id, :username, :display_name, :display_name_folded, :password_hash, :now, :now)
    ON CONFLICT (username) DO NOTHING
    RETURNING *
    """,
    parameters={"id": "uuid", "now": "timestamptz"},
    columns=kinds_of(UserRow),
)


async def register_user(tx: Tx, command: RegisterUser) -> RegisteredUser | UsernameTaken:
    """One user for a username, ever. A name that is taken goes into the audit log, and is refused after the commit."""
    rows = await tx.rows(
        _INSERT_USER,
        id=new_id(),
        username=command.username,
        display_name=command.display_name,
        display_name_folded=fold_for_search(command.display_name),
        password_hash=command.password_hash,
        now=tx.now,
    )
    if not rows:
        record(tx, "register", "username_taken", command.origin, username=command.username)
        return UsernameTaken()
    user_id = rows[0].id
    token = await start_session(tx, user_id, command.device_name, command.life)
    record(tx, "register", "ok", command.origin, user_id=user_id, session_id=token.session_id)
    return RegisteredUser(User.of(rows[0]), token)
