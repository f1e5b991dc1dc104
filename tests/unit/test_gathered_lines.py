"""Lines of one moment are written together, and a reader that is gone costs no request."""

import asyncio
import io
import threading
from collections.abc import Callable

import pytest

from chatsvc import logs
from chatsvc.logs import Unfailing
from tests.support.databases import run_once


class Reader(io.StringIO):
    """A file that notes what each flush brought, and may be lost."""

    def __init__(self, lost: type[Exception] | None = None) -> None:
        super().__init__()
        self.lost = lost
        self.brought: list[str] = []

    def write(self, text: str) -> int:
        if self.lost is not None:
            raise self.lost
        return super().write(text)

    def flush(self) -> None:
        if text := self.getvalue():
            self.brought.append(text)
            self.truncate(0)
            self.seek(0)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_GATHER_SECONDS", 0.01)


def line(output: Unfailing, text: str) -> None:
    output.write(text + "\n")
    output.flush()


async def until(true: Callable[[], object]) -> None:
    for _ in range(1_000):
        if true():
            return
        await asyncio.sleep(0.005)
    pytest.fail("never")


async def test_the_lines_of_a_moment_are_written_once_and_in_order() -> None:
    output = Unfailing(reader := Reader())
    for at in range(5):
        line(output, f"{at}")
        await asyncio.sleep(0)
    assert reader.brought == []
    await until(lambda: reader.brought)
    assert reader.brought == ["0\n1\n2\n3\n4\n"]
    line(output, "later")
    await until(lambda: len(reader.brought) > 1)
    assert reader.brought[1:] == ["later\n"]


def test_where_no_loop_runs_a_line_is_written_at_once() -> None:
    output = Unfailing(reader := Reader())
    line(output, "a")
    line(output, "b")
    assert reader.brought == ["a\n", "b\n"]


async def test_a_line_of_another_thread_is_written_at_once_with_those_before_it() -> None:
    output = Unfailing(reader := Reader())
    line(output, "of the loop")
    await asyncio.to_thread(line, output, "of a thread")
    assert reader.brought == ["of the loop\nof a thread\n"]
    await asyncio.sleep(0.03)
    assert reader.brought == ["of the loop\nof a thread\n"]


def test_what_is_left_when_a_loop_ends_is_written_by_a_flush() -> None:
    output = Unfailing(reader := Reader())

    async def tell() -> None:
        line(output, "the last word")

    run_once(tell)
    assert reader.brought == []
    output.flush()
    assert reader.brought == ["the last word\n"]


def test_a_new_loop_does_not_wait_for_an_old_one_that_ended() -> None:
    output = Unfailing(reader := Reader())

    async def tell(text: str) -> None:
        line(output, text)

    async def tell_and_see() -> None:
        line(output, "new")
        await until(lambda: reader.brought)

    run_once(lambda: tell("old"))
    run_once(tell_and_see)
    assert reader.brought == ["old\nnew\n"]


@pytest.mark.parametrize("lost", [OSError, BrokenPipeError, ValueError])
async def test_a_reader_that_is_gone_fails_nobody_and_one_that_is_back_is_told(lost: type[Exception]) -> None:
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context))
    output = Unfailing(reader := Reader(lost))
    for at in range(3):
        line(output, f"lost {at}")
    await asyncio.to_thread(line, output, "lost in a thread")
    await asyncio.sleep(0.03)
    assert (failures, reader.brought) == ([], [])
    reader.lost = None
    line(output, "heard")
    await until(lambda: reader.brought)
    assert reader.brought == ["heard\n"]  # the others are lost: kept, they would fill the memory


async def test_no_line_is_lost_or_cut_by_threads_that_tell_at_once() -> None:
    output = Unfailing(reader := Reader())

    def tell(name: str) -> None:
        for at in range(100):
            line(output, f"{name}{at}")

    threads = [threading.Thread(target=tell, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for at in range(100):
        line(output, f"d{at}")
        await asyncio.sleep(0)
    for thread in threads:
        await asyncio.to_thread(thread.join)
    await asyncio.sleep(0.03)
    output.flush()
    await asyncio.sleep(0.03)
    told = "".join(reader.brought).split()
    assert sorted(told) == sorted(f"{name}{at}" for name in "abcd" for at in range(100))
