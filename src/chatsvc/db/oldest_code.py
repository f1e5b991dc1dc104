"""The oldest code that may run on a schema: each migration declares it, and the database keeps it.

Code is named by the newest migration that it knows.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory


def keep_oldest_code(connection: Connection, scripts: "ScriptDirectory") -> None:
    """Write down what the migrations say that brought the schema to where it is, in their own transaction."""
    present = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if present is not None and _has_room(connection):
        oldest = _declared(scripts, str(present))
        connection.execute(text("UPDATE service_state SET oldest_code = :oldest"), {"oldest": oldest})


def allows(connection: Connection, code: str) -> bool:
    """Whether a schema that is newer than some code lets it run. It costs two small statements."""
    if not inspect(connection).has_table("service_state"):
        return False  # somebody else's alembic_version
    oldest = connection.execute(text("SELECT oldest_code FROM service_state")).scalar()
    return oldest is not None and oldest <= code


def _declared(scripts: "ScriptDirectory", revision: str) -> str:
    """What any step up to here demands: a later one, which only adds, does not take it back."""
    steps = scripts.iterate_revisions(revision, "base")
    return max(getattr(step.module, "oldest_code", step.revision) for step in steps)


def _has_room(connection: Connection) -> bool:
    inspector = inspect(connection)
    if not inspector.has_table("service_state"):
        return False
    return any(column["name"] == "oldest_code" for column in inspector.get_columns("service_state"))
