"""Whole tables, read from one snapshot or filled in one transaction: for copies and comparisons."""

from chatsvc.db.bulk.layout import TABLES, TravellingTable
from chatsvc.db.bulk.side import Lines, Side, open_side

__all__ = ["TABLES", "Lines", "Side", "TravellingTable", "open_side"]
