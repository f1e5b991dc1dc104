"""What is true of this database as a whole."""

from uuid import UUID

from sqlmodel import select

from chatsvc.db import ReadSession
from chatsvc.errors import SyncEpochChanged
from chatsvc.tables import ServiceState


async def sync_epoch(session: ReadSession) -> UUID:
    """The id of this database's history."""
    return (await session.session.exec(select(ServiceState.sync_epoch))).one()


async def same_epoch(session: ReadSession, claimed: UUID | None) -> UUID:
    """The epoch. Raises SyncEpochChanged when the client's is another; None is not compared."""
    epoch = await sync_epoch(session)
    if claimed is not None and claimed != epoch:
        raise SyncEpochChanged(details={"sync_epoch": str(epoch)})
    return epoch
