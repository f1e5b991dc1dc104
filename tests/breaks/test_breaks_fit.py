"""The breaks of `make prove-the-proof` fit the service as it is today, and name tests that there are."""

from pathlib import Path

import pytest

from tests.breaks.breaks import ROOT, Break, Change, Stale, broken_copy
from tests.breaks.reading import READING
from tests.breaks.writing import WRITING


@pytest.mark.parametrize("broken", [*WRITING, *READING], ids=lambda broken: broken.name)
def test_a_break_fits_and_still_compiles(broken: Break, tmp_path: Path) -> None:
    source = broken_copy(broken, tmp_path)
    for change in broken.changes:
        path = source / "chatsvc" / change.file
        assert path.read_text() != (ROOT / "src/chatsvc" / change.file).read_text()
        compile(path.read_text(), change.file, "exec")


@pytest.mark.parametrize("broken", [*WRITING, *READING], ids=lambda broken: broken.name)
def test_the_tests_beside_it_are_there(broken: Break) -> None:
    for test in broken.tests:
        file, *names = test.split("::")
        text = (ROOT / file).read_text()
        assert all(f"def {name}(" in text or f"class {name}:" in text for name in names)


def test_a_break_that_fits_nowhere_is_said(tmp_path: Path) -> None:
    with pytest.raises(Stale, match=r"0 places in app\.py"):
        broken_copy(Break("none", (Change("app.py", "no such line", ""),), ()), tmp_path)
