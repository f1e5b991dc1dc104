"""The README's tour, word for word, against a server started as `make run` starts it."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.processes import served

README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


def test_the_tour_prints_what_the_readme_says(tmp_path: Path) -> None:
    blocks = _BLOCK.findall(README.read_text())
    program = "".join(text for kind, text in blocks if kind == "python")
    expected = "".join(text for kind, text in blocks if kind == "text")
    assert expected.count("\n") == 7
    with served(tmp_path / "data") as server:
        typed = program.replace("http://127.0.0.1:8000", server.address)
        # Typed into an interactive interpreter, as a reader would: a blank line too many or too few breaks it.
        command = [sys.executable, "-i", "-q", "-c", "import sys; sys.ps1 = sys.ps2 = ''"]
        done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr.strip() == ""
    assert done.stdout == expected


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len(README.read_text().splitlines()) < 200
