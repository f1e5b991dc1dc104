"""All that knows of connections: engines, transactions, snapshots, retries, dialects, the schema."""

from chatsvc.db.database import Database
from chatsvc.db.reading import ReadSession
from chatsvc.db.statements import Statement, kinds_of
from chatsvc.db.transaction import RunAgain, Tx

__all__ = ["Database", "ReadSession", "RunAgain", "Statement", "Tx", "kinds_of"]
