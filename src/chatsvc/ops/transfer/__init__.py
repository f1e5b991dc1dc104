"""Moving everything from one database into another, of either kind, and seeing that all of it arrived."""

from chatsvc.ops.progress import Progress
from chatsvc.ops.transfer.comparing import Difference, compare
from chatsvc.ops.transfer.copying import CopyDiffers, copy, verify
from chatsvc.ops.transfer.refusals import TransferRefused

__all__ = ["CopyDiffers", "Difference", "Progress", "TransferRefused", "compare", "copy", "verify"]
