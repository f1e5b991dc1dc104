"""Changing one's own profile."""

from dataclasses import dataclass
from uuid import UUID

from chatsvc.commands.accounts import lock_user
from chatsvc.db import Tx
from chatsvc.errors import UserNotFound
from chatsvc.resources import User
from chatsvc.security.names import fold_for_search


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """`display_name` None leaves it as it is."""

    user_id: UUID
    display_name: str | None


async def update_profile(tx: Tx, command: UpdateProfile) -> User:
    """The user as it then is; `updated_at` moves only when something changed."""
    user = await lock_user(tx, command.user_id)
    if user is None or user.disabled_at is not None:
        raise UserNotFound
    if command.display_name is not None and command.display_name != user.display_name:
        user.display_name = command.display_name
        user.display_name_folded = fold_for_search(command.display_name)
        user.updated_at = max(tx.now, user.updated_at)
    return User.of(user)
