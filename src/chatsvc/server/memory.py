"""When the collector of garbage works: not while a process starts, and later not on what then was there."""

import gc


def settle() -> None:
    """Begin to collect, and leave all that was imported and built alone for ever.

    A full collection stops every request. It would walk through 150,000 objects, of which next to none is garbage: 90
    ms, where what requests leave takes less than one. That is why there is none here first, either.
    """
    gc.freeze()
    gc.enable()
