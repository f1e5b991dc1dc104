"""What wrk says is read to the letter, and anything but answers fails the figure."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench.disk import NotADisk, file_system, require_a_disk
from bench.wrk import Load, LoadFailed, WrkMissing, parse, require_wrk, to_lua

_CLEAN = {"connect": 0, "read": 0, "write": 0, "timeout": 0, "status": 0}


def said(*, requests: int = 300, **errors: int) -> str:
    """What wrk prints with `report.lua`, its own words around."""
    result: dict[str, Any] = {"requests": requests, "seconds": 3.0, "errors": {**_CLEAN, **errors}}
    result |= {"p50_ms": 1.5, "p90_ms": 2, "p99_ms": 4.25, "max_ms": 9}
    return f"Running 3s test @ http://127.0.0.1:1\nRequests/sec: 1.00\nRESULT {json.dumps(result)}\n"


def test_a_clean_run_is_read() -> None:
    assert parse(said()) == Load(requests=300, seconds=3, p50_ms=1.5, p90_ms=2, p99_ms=4.25, max_ms=9)
    assert parse(said()).rate == 100


@pytest.mark.parametrize("kind", _CLEAN)
def test_one_error_of_any_kind_fails_the_figure(kind: str) -> None:
    with pytest.raises(LoadFailed, match=kind):
        parse(said(**{kind: 1}))


@pytest.mark.parametrize("output", ["", "unable to connect to 127.0.0.1:1", said() + said(), said(requests=0)])
def test_a_run_without_one_result_fails_the_figure(output: str) -> None:
    with pytest.raises(LoadFailed):
        parse(output)


def test_a_missing_load_generator_is_told_with_its_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(WrkMissing, match="apt-get install wrk"):
        require_wrk()


def test_data_for_lua_is_lists_tables_and_plain_text() -> None:
    assert to_lua([{"path": '/a"b\\'}, ["c"]]) == '{{["path"] = "/a\\"b\\\\"}, {"c"}}'
    for text in ("zoë", "a\nb"):
        with pytest.raises(ValueError, match="ASCII"):
            to_lua(text)


def test_a_folder_in_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.disk.file_system", lambda _: "tmpfs")
    with pytest.raises(NotADisk, match="kept in memory"):
        require_a_disk(tmp_path)


@pytest.mark.parametrize("place", ["/", "/proc", "/dev/shm"])
def test_the_file_system_is_that_of_the_nearest_mount(place: str) -> None:
    told = subprocess.run(["stat", "-f", "-c", "%T", place], capture_output=True, text=True, check=True).stdout.strip()
    found = file_system(Path(place))
    assert (found in {"tmpfs", "ramfs"}) == (told in {"tmpfs", "ramfs"})
    assert (found == "proc") == (told == "proc")
