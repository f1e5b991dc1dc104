"""What the property tests start from."""

from tests.commands.conftest import plain_logs

__all__ = ["plain_logs"]
