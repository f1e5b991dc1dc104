"""Whatever takes long shows on a terminal how far it is, and elsewhere prints nothing of it."""

import sys
from pathlib import Path

import pytest

from chatsvc.cli.progress import Bar
from tests.support.databases import DatabaseKind
from tests.support.processes import run_cli


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, count: int | None) -> str:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    bar = Bar()
    bar.start("counting sheep", count)
    for _ in range(3):
        bar.advance(1_000)
    bar.end()
    return capsys.readouterr().err


def test_a_known_length_is_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "3000/6000" in told(capsys, monkeypatch, 6_000)


def test_an_unknown_one_is_a_count(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(capsys, monkeypatch, None).endswith("counting sheep                    3,000\n")


def test_nothing_is_drawn_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar()
    for count in (5, None):
        bar.start("counting sheep", count)
        bar.advance(1)
        bar.end()
    assert capsys.readouterr().err == ""


def test_every_long_command_tells_how_far_it_is(
    kind: DatabaseKind, data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[str] = []
    passed: list[int] = []
    monkeypatch.setattr(Bar, "start", lambda _self, what, _count: seen.append(what))
    monkeypatch.setattr(Bar, "advance", lambda _self, count: passed.append(count))
    with kind.fresh(migrated=False) as url, kind.fresh(migrated=False) as other:
        copied = ("--from", url, "--to", other)
        commands = [("migrate",), ("prune",), ("check",), ("copy", *copied), ("verify", *copied)]
        if kind.name == "sqlite":
            commands += [("backup", str(tmp_path / "b.db")), ("restore", str(tmp_path / "b.db"))]
        for command in commands:
            seen.clear()
            passed.clear()
            assert run_cli(data_dir, *command, database_url=url).returncode == 0
            assert (bool(seen), bool(passed)) == (True, True), command
