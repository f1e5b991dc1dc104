"""What an operator of several workers is told at the start."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from chatsvc.logs import configure_logs
from chatsvc.server.supervisor import warn_of_limits
from chatsvc.settings import Settings


@pytest.mark.parametrize(
    ("settings", "warnings"),
    [({}, 1), ({"rate_limits": "off"}, 0), ({"rate_limit_store": "database"}, 0)],
)
def test_limits_that_count_for_each_worker_are_told(settings: dict[str, Any], warnings: int) -> None:
    configure_logs(Settings())
    with capture_logs() as told:
        warn_of_limits(Settings(workers=2, **settings))
    assert [line["event"] for line in told] == ["rate_limits_count_for_each_worker"] * warnings
