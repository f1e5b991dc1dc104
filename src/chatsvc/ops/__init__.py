"""What operators do to a database as a whole."""
