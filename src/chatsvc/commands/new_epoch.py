"""A new sync epoch: the operator's word that this database's history is another than the one that phones have seen."""

from uuid import UUID, uuid4

from sqlmodel import select

from chatsvc.db import Tx
from chatsvc.tables import ServiceState


async def new_epoch(tx: Tx, _command: None = None) -> UUID:
    """Every phone then bootstraps again, keeps its outbox, and sends again what this history lacks.

    Not safe to repeat without need: each one makes every phone start over.
    """
    state = (await tx.session.exec(select(ServiceState).with_for_update())).one()
    state.sync_epoch = uuid4()
    return state.sync_epoch
