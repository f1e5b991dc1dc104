"""What the figures depend on and nobody should have to ask: the machine, the versions, the settings of the disk."""

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import wrk
from bench.databases import Databases
from bench.disk import file_system, sync_milliseconds

_PACKAGES = (
    "fastapi", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "pydantic-core", "sqlalchemy", "sqlmodel",
    "aiosqlite", "asyncpg", "python-jose", "structlog", "argon2-cffi",
)  # fmt: skip
_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "max_wal_size")


def machine_facts(databases: Databases) -> dict[str, Any]:
    """To be asked before the load begins: the load average is that of others."""
    found: dict[str, Any] = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "revision": _revision(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "wrk": wrk.version(),
        "file_system": file_system(databases.folder),
        "sync_ms": round(sync_milliseconds(databases.folder), 3),
        "packages": {name: version(name) for name in ("chatsvc", *_PACKAGES)},
    }
    if databases.server is not None:
        names = ("server_version", *_SETTINGS)
        found["postgres"] = {name: databases.administer(f"SHOW {name}") for name in names}
    return found


def _revision() -> str:
    """The commit of the checkout, with a mark when files differ from it; empty outside of one."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip()


def _first(path: str, key: str) -> str:
    lines = Path(path).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
