"""Where a process begins: `chatsvc`, or `python -m chatsvc`."""

import gc
import sys
from types import ModuleType
from typing import cast


def main() -> None:
    """The command line. Nothing of what is imported is ever garbage, and looking for it takes a sixth of the time."""
    gc.disable()
    _import_structlog_alone()
    from chatsvc.cli import app  # noqa: PLC0415 - this is the point

    gc.enable()
    app()


def _import_structlog_alone() -> None:
    """It would bring rich along, for tracebacks that are never drawn here: 3 MB, and a tenth of a second."""
    if "rich" not in sys.modules:
        sys.modules["rich"] = cast(ModuleType, None)  # how the import system marks what must not be found
        import structlog  # noqa: F401, PLC0415

        del sys.modules["rich"]


if __name__ == "__main__":
    main()
