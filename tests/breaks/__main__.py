"""`make prove-the-proof`: every break in a copy of its own, and the tests that notice it. Exits with 1 if one does not.

python -m tests.breaks [--record PAGE] [words of a break's name ...]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.breaks.breaks import ROOT, Break, Stale, broken_copy
from tests.breaks.reading import READING
from tests.breaks.writing import WRITING
from tests.support.proof_table import replace_between_marks

_BEGIN, _END = "<!-- made by `make prove-the-proof` -->", "<!-- until there -->"
_HEADER = "| break | caught by | seconds |\n|---|---|---:|\n"
_RUN_SECONDS = 300
_PASSED, _SOME_FAILED = 0, 1


@dataclass(frozen=True)
class Outcome:
    """What pytest said of the tests named beside a break."""

    code: int
    failed: tuple[str, ...]
    seconds: float
    output: str


def run_tests(tests: tuple[str, ...], broken: Break | None) -> Outcome:
    """In a copy with the break, or as it is. Raises Stale."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chatsvc-break-") as directory:
        source = broken_copy(broken, Path(directory))
        environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
        _must_import(source, environment)
        told = Path(directory) / "told.xml"  # not what is printed: a broken service prints between the lines
        options = ["-q", "-p", "no:cacheprovider", "--tb=line", f"--junitxml={told}"]
        command = [sys.executable, "-m", "pytest", *options, *tests]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_RUN_SECONDS, check=False
        )
        failed = _failed(told)
    return Outcome(done.returncode, failed, time.monotonic() - begin, done.stdout[-3000:])


def _failed(told: Path) -> tuple[str, ...]:
    """The names of the tests that failed, once each; one that could not begin or end did not."""
    cases = ElementTree.parse(told).iter("testcase") if told.exists() else ()
    names = (case.attrib["name"].partition("[")[0] for case in cases if case.find("failure") is not None)
    return tuple(dict.fromkeys(names))


def _must_import(source: Path, environment: dict[str, str]) -> None:
    """The copy is what is imported, and it can be: a break that does not compile would be caught by anything."""
    command = [sys.executable, "-c", "import chatsvc.app; print(chatsvc.__file__)"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if not done.stdout.startswith(str(source)):
        raise Stale(f"the copy is not what is tested: {done.stdout}{done.stderr[-500:]}")


def look_at(broken: Break) -> tuple[Break, Outcome]:
    outcome = run_tests(broken.tests, broken)
    told = "caught" if outcome.code == _SOME_FAILED and outcome.failed else f"NOT CAUGHT ({outcome.code})"
    sys.stdout.write(f"{told}: {broken.name} ({outcome.seconds:.0f} s)\n")
    sys.stdout.flush()
    return broken, outcome


def table(outcomes: list[tuple[Break, Outcome]]) -> str:
    lines = []
    for broken, outcome in outcomes:
        names = ", ".join(f"`{name}`" for name in outcome.failed)
        lines.append(f"| {broken.name} | {names or '**nothing**'} | {outcome.seconds:.0f} |\n")
    return f"{_HEADER}{''.join(lines)}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make prove-the-proof", description=__doc__)
    parser.add_argument("--record", metavar="PAGE", type=Path)
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()
    breaks = [broken for broken in (*WRITING, *READING) if all(word in broken.name for word in given.words)]
    sound = run_tests(tuple(dict.fromkeys(test for broken in breaks for test in broken.tests)), None)
    if sound.code != _PASSED:
        sys.stdout.write(f"the tests fail on the service as it is: they can prove nothing\n{sound.output}")
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as at_once:
        outcomes = list(at_once.map(look_at, breaks))
    text = table(outcomes)
    sys.stdout.write(text)
    if given.record:
        replace_between_marks(given.record, text, begin=_BEGIN, end=_END)
    missed = [pair for pair in outcomes if pair[1].code != _SOME_FAILED or not pair[1].failed]
    for broken, outcome in missed:
        sys.stdout.write(f"\n{broken.name} was not caught:\n{outcome.output}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
