"""Names, passwords, keys and tokens: functions that know of no request and no database."""
