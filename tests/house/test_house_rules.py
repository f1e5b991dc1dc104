"""Rules of the house that no other tool checks."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from chatsvc import errors
from chatsvc.app import create_app
from chatsvc.cli import app as cli
from chatsvc.settings import Settings

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "chatsvc").rglob("*.py"))
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def _rooms_that_say(pattern: str) -> set[str]:
    """The first folder, or the file, of each source in which a pattern stands."""
    found = [path for path in SOURCES if re.search(pattern, path.read_text())]
    return {path.relative_to(ROOT / "src" / "chatsvc").parts[0] for path in found}


def test_only_db_begins_and_ends_transactions() -> None:
    assert _rooms_that_say(r"\.(commit|rollback|begin|begin_nested)\(") == {"db"}


def test_a_seq_is_taken_only_by_a_command() -> None:
    assert _rooms_that_say(r"SET next_seq|next_seq=|next_seq \+= ") == {"commands"}


def test_the_environment_is_read_by_settings_alone() -> None:
    assert _rooms_that_say(r"os\.environ|getenv") == set()


def test_only_the_token_module_imports_jose() -> None:
    users = [path.name for path in SOURCES if re.search(r"^(from|import) jose", path.read_text(), re.MULTILINE)]
    assert users == ["access_tokens.py"]


def test_no_room_has_a_name_that_says_nothing() -> None:
    nothing = {"services", "repositories", "domain", "core", "utils", "helpers", "common", "manager"}
    folders = {path.name for path in (ROOT / "src").rglob("*") if path.is_dir()}
    files = {path.stem for path in SOURCES} - {"services"}  # api/services.py: what endpoints share
    assert not (folders | files) & nothing


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    most = 250 if path.name == "tables.py" else 200  # every table in one place
    assert len(path.read_text().splitlines()) <= most


def test_every_refusal_has_its_own_code_and_stands_in_the_contract() -> None:
    codes = {error.code: error.status for error in errors.ChatError.__subclasses__()}
    assert len(codes) == len(errors.ChatError.__subclasses__())
    table = PROTOCOL.split("## 7. Errors")[1]
    told: dict[str, int] = {}
    for row in re.findall(r"^\| (`.*?) \| (.*?) \|", table, re.MULTILINE):
        names, statuses = re.findall(r"`(\w+)`", row[0]), [int(number) for number in re.findall(r"\d+", row[1])]
        told |= dict(zip(names, statuses * (len(names) if len(statuses) == 1 else 1), strict=True))
    assert codes == told


def test_every_setting_is_documented_and_no_other() -> None:
    names = {f"CHATSVC_{name.upper()}" for name in Settings.model_fields}
    documented = set(re.findall(r"^\| `(CHATSVC_\w+)` \|", OPERATIONS, re.MULTILINE))
    assert documented == names
    assert all(field.description for field in Settings.model_fields.values())


def test_every_command_of_the_cli_is_documented_and_has_help() -> None:
    found = dict(_commands(get_command(cli), "chatsvc"))
    documented = set(re.findall(r"^\| `(chatsvc [a-z -]+)` \|", OPERATIONS, re.MULTILINE))
    assert documented == set(found)
    assert all(found.values())


def test_every_metric_is_documented_with_its_labels_and_no_other(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/x.db"))
    exposed = {family.name: family.samples for family in app.state.services.metrics.registry.collect()}
    rows = re.findall(r"^\| `((?:chatsvc|process)_\w+?)(?:_total)?` \| (.*?)\|", OPERATIONS, re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(exposed)
    for name, labels in rows:
        for sample in exposed[name]:  # what has labels of its own has none before it is used
            assert set(re.findall(r"\w+", labels)) == sample.labels.keys() - {"le"}, name


def test_locks_carry_hashes_and_no_addresses() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.lock")):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text


def _commands(command: object, path: str) -> list[tuple[str, str | None]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(path, getattr(command, "help", None))]
    return [pair for name, child in inner.items() for pair in _commands(child, f"{path} {name}")]
