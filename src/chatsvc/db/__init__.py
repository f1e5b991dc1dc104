"""All that knows of connections: engines, transactions, snapshots, retries, dialects, the schema."""

from chatsvc.db.database import Database
from chatsvc.db.reading import AskPrimary, ReadSession
from chatsvc.db.statements import Statement, Together, kinds_of
from chatsvc.db.transaction import RunAgain, Tx

__all__ = ["AskPrimary", "Database", "ReadSession", "RunAgain", "Statement", "Together", "Tx", "kinds_of"]
