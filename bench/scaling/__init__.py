"""Past one database: what a transaction costs here, and what many nodes would carry. For docs/scaling.md."""
