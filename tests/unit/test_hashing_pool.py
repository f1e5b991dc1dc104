import asyncio
import os
from collections.abc import Callable, Iterator
from threading import Event, Lock, get_ident
from time import sleep

import pytest

from chatsvc.errors import TryAgain
from chatsvc.security.hashing_pool import HashingPool


class Gate:
    """Work that lasts until it is let go."""

    def __init__(self) -> None:
        self.open = Event()
        self.passed: list[str] = []

    def wait(self, name: str) -> str:
        assert self.open.wait(30)
        self.passed.append(name)
        return name


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.fixture
def pool(gate: Gate) -> Iterator[HashingPool]:
    pool = HashingPool(threads=1, queue=1)
    yield pool
    gate.open.set()
    pool.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - threads change it, and no event tells
            await asyncio.sleep(0.002)


async def test_a_function_runs_in_a_thread_of_the_pool_and_its_result_comes_back(pool: HashingPool) -> None:
    assert await pool.run(divmod, 7, 2) == (3, 1)
    assert await pool.run(get_ident) != get_ident()
    assert (pool.running, pool.waiting) == (0, 0)


async def test_an_exception_comes_back_and_the_place_is_free_again(pool: HashingPool) -> None:
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            await pool.run(divmod, 1, 0)
    assert (pool.running, pool.waiting) == (0, 0)


async def test_beyond_the_queue_the_answer_is_try_again_at_once(pool: HashingPool, gate: Gate) -> None:
    held = [asyncio.create_task(pool.run(gate.wait, name)) for name in ("first", "second")]
    await until(lambda: (pool.running, pool.waiting) == (1, 1))

    with pytest.raises(TryAgain):
        await asyncio.wait_for(pool.run(gate.wait, "third"), 1)
    assert pool.refused == 1

    gate.open.set()
    assert await asyncio.gather(*held) == ["first", "second"]
    assert await pool.run(gate.wait, "fourth") == "fourth"
    assert gate.passed == ["first", "second", "fourth"]


async def test_no_more_than_the_threads_run_at_once() -> None:
    lock, now, most = Lock(), 0, 0

    def work() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        sleep(0.01)
        with lock:
            now -= 1

    pool = HashingPool(threads=2, queue=20)
    await asyncio.gather(*(pool.run(work) for _ in range(20)))
    pool.close()
    assert most == 2


async def test_running_work_of_a_cancelled_caller_keeps_its_place(pool: HashingPool, gate: Gate) -> None:
    callers = [asyncio.create_task(pool.run(gate.wait, "abandoned"))]
    await until(lambda: pool.running == 1)
    await asyncio.sleep(0.02)  # let the thread pick it up
    callers[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await callers[0]
    assert (pool.running, pool.waiting) == (1, 0)

    callers = [asyncio.create_task(pool.run(gate.wait, "waits"))]
    await until(lambda: pool.waiting == 1)
    with pytest.raises(TryAgain):
        await pool.run(gate.wait, "refused")

    gate.open.set()
    assert await callers[0] == "waits"
    assert gate.passed == ["abandoned", "waits"]
    assert (pool.running, pool.waiting) == (0, 0)


async def test_waiting_work_of_a_cancelled_caller_is_dropped(pool: HashingPool, gate: Gate) -> None:
    running = asyncio.create_task(pool.run(gate.wait, "running"))
    waiting = asyncio.create_task(pool.run(gate.wait, "dropped"))
    await until(lambda: pool.waiting == 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (pool.running, pool.waiting) == (1, 0)

    gate.open.set()
    assert await running == "running"
    assert await pool.run(gate.wait, "later") == "later"
    assert gate.passed == ["running", "later"]


async def test_places_are_all_given_back_however_the_callers_end() -> None:
    pool = HashingPool(threads=2, queue=30)
    for delay in (0, 0.001, 0.004):
        callers = [asyncio.create_task(pool.run(sleep, 0.001)) for _ in range(40)]
        await asyncio.sleep(delay)
        for caller in callers[::2]:
            caller.cancel()
        ended = await asyncio.gather(*callers, return_exceptions=True)
        assert all(end is None or isinstance(end, TryAgain | asyncio.CancelledError) for end in ended)
    await until(lambda: (pool.running, pool.waiting) == (0, 0))
    pool.close()


async def test_the_loop_goes_on_while_work_runs(pool: HashingPool, gate: Gate) -> None:
    work = asyncio.create_task(pool.run(gate.wait, "slow"))
    await asyncio.sleep(0.02)
    assert not work.done()
    gate.open.set()
    assert await work == "slow"


async def test_no_number_of_threads_means_one_for_each_core(gate: Gate) -> None:
    pool = HashingPool(threads=0, queue=1)
    cores = os.cpu_count() or 1
    held = [asyncio.create_task(pool.run(gate.wait, "work")) for _ in range(cores + 1)]
    await until(lambda: (pool.running, pool.waiting) == (cores, 1))
    gate.open.set()
    await asyncio.gather(*held)
    pool.close()


async def test_a_closed_pool_finishes_what_it_took_on_and_takes_no_more(pool: HashingPool, gate: Gate) -> None:
    held = [asyncio.create_task(pool.run(gate.wait, name)) for name in ("first", "second")]
    await until(lambda: pool.waiting == 1)
    closing = asyncio.create_task(asyncio.to_thread(pool.close))
    await asyncio.sleep(0.02)
    assert not closing.done()
    gate.open.set()
    await closing
    assert await asyncio.gather(*held) == ["first", "second"]

    for _ in range(5):  # and holds no place for what it refused
        with pytest.raises(TryAgain):
            await pool.run(gate.wait, "late")
    assert (pool.running, pool.waiting) == (0, 0)


@pytest.mark.parametrize(("cores", "sharers", "threads"), [(8, 1, 8), (8, 2, 4), (8, 3, 2), (2, 4, 1), (None, 2, 1)])
async def test_processes_share_the_cores(
    monkeypatch: pytest.MonkeyPatch, gate: Gate, cores: int | None, sharers: int, threads: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    pool = HashingPool(threads=0, queue=1, sharers=sharers)
    running = [asyncio.create_task(pool.run(gate.wait, "x")) for _ in range(threads + 1)]
    await asyncio.sleep(0)
    assert (pool.running, pool.waiting) == (threads, 1)
    gate.open.set()
    await asyncio.gather(*running)
    pool.close()
