"""What is true of this database as a whole."""

from chatsvc.errors import SyncEpochChanged


def another_epoch(claimed: str | None, epoch: str) -> SyncEpochChanged | None:
    """The refusal for a client whose epoch is another; None is not compared."""
    if claimed is None or claimed == epoch:
        return None
    return SyncEpochChanged(details={"sync_epoch": epoch})
