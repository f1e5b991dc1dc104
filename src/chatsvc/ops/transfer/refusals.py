"""Why a copy or a comparison is not begun."""


class TransferRefused(RuntimeError):
    """The databases are not in a state for it, and nothing was changed; the message says what to do."""
