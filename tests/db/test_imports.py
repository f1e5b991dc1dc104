"""What a start does without."""

import subprocess
import sys
from pathlib import Path

SERVED = """
import asyncio, sys
from chatsvc.app import create_app
from chatsvc.settings import Settings

async def main():
    app = create_app(Settings(database_url=sys.argv[1], data_dir=sys.argv[2], log_level="error"))
    async with app.router.lifespan_context(app):
        print([name for name in ("alembic", "opentelemetry.sdk", "chatsvc.db.traced") if name in sys.modules])

asyncio.run(main())
"""


def test_a_database_that_is_current_is_served_without_alembic_and_without_traces(
    database_url: str, data_dir: Path
) -> None:
    command = [sys.executable, "-c", SERVED, database_url, str(data_dir)]
    assert subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout == "[]\n"
