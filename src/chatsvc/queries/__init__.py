"""What reads data: nouns, one file each. A query is a function of a read-only snapshot, with a named result."""
