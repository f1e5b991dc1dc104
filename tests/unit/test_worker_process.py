"""What a supervisor knows of a worker."""

import asyncio
import socket
import sys

from chatsvc.server.channel import Channel
from chatsvc.server.worker_process import WorkerProcess


async def test_a_worker_that_only_starts_has_not_served_however_long_it_takes() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    ours, theirs = socket.socketpair()
    worker, channel = WorkerProcess(process, await Channel.over(ours)), await Channel.over(theirs)
    following = asyncio.create_task(worker.follow(lambda: asyncio.sleep(0, "")))
    await asyncio.sleep(0.05)
    assert not worker.serving
    assert worker.served_seconds < 0
    channel.tell("serving")
    assert await worker.started()
    assert 0 <= worker.served_seconds < 5
    worker.kill()
    assert await worker.ended == -9
    await channel.close()
    await following
