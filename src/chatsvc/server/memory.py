"""What a server process does about memory: when garbage is collected, and what goes back to the system."""

import ctypes
import gc
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h
_LARGE_BYTES = 1024 * 1024
_KEPT_BYTES = 2 * 1024 * 1024
_ARENAS = 2  # threads that hash or ask SQLite are few, and hold the interpreter's lock for most of their time


def give_large_blocks_back() -> None:
    """Let what is large be mapped by itself, and so be given back when it is freed; before anything large is made.

    A password's hash takes 19 MB for a moment. glibc's threshold would grow beyond that with the first one, and keep as
    many of them as there are threads for ever. Elsewhere than on glibc nothing is done.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)  # no longer follows the other one
        libc.mallopt(_M_ARENA_MAX, _ARENAS)  # each keeps what was freed in it; eight for each core is the default


def settle() -> None:
    """Begin to collect, and leave all that was imported and built alone for ever.

    A full collection stops every request. It would walk through 150,000 objects, of which next to none is garbage: 90
    ms, where what requests leave takes less than one. That is why there is none here first, either.
    """
    gc.freeze()
    gc.enable()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # what building the application needed for a moment
