"""What the collector of garbage walks through."""

import gc
import subprocess
import sys

from chatsvc.server import memory


def test_a_server_collects_and_leaves_alone_what_it_started_with() -> None:
    old = [[] for _ in range(1000)]  # type: ignore[var-annotated]
    gc.disable()
    try:
        memory.settle()
        assert gc.isenabled()
        assert not any(seen is old for seen in gc.get_objects())
    finally:
        gc.unfreeze()
        gc.enable()


def test_a_command_collects() -> None:
    """Only its imports go without."""
    told = "import sys, gc, chatsvc.__main__ as m; sys.argv[1:] = ['version']; m.main()"
    code = f"import atexit, gc; atexit.register(lambda: print(gc.isenabled())); {told}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "True"


def test_what_a_server_never_draws_with_is_not_imported() -> None:
    """It is there all the same for the help of a command, which is drawn with it."""
    told = "import sys, atexit, chatsvc.__main__ as m; sys.argv[1:] = ['version']; atexit.register(look); m.main()"
    look = "def look(): print('rich' in sys.modules); import rich; print(rich.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{look}\n{told}"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-2:] == ["False", "rich"]
