"""What changes data: verbs, one file each. A handler is a function of a transaction and a frozen command."""
