"""What the tests of queries start from."""

import pytest

from tests.commands.sending import Talk, a_talk
from tests.support.service import Service


@pytest.fixture
async def talk(service: Service) -> Talk:
    return await a_talk(service)
