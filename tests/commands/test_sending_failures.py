"""Whatever fails on the way: nothing is left of it, no seq is lost, and the next send works."""

from tests.commands.listening import OnPurpose, failing_at, failing_commits, statements
from tests.commands.sending import item, keys, seqs, statuses
from tests.support.service import Service


async def test_a_failure_between_any_two_statements_leaves_nothing(service: Service) -> None:
    ana, ben, cleo = [await service.newcomer() for _ in range(3)]
    talks = [await ana.open_direct(other) for other in (ben, cleo)]
    writer = service.inside.db.engines.writer
    items = [item(talks[at % 2], f"{at}") for at in range(3)]

    async def everything() -> object:
        return await ana.bootstrap("?messages_per_conversation=100")

    with statements(writer) as seen:
        assert statuses(await ana.batch([item(talk, f"before-{at}") for at, talk in enumerate(talks)])) == [201, 201]
    assert len(seen) == 6
    before = await everything()
    for number in range(1, len(seen) + 1):
        with failing_at(writer, number, OnPurpose()):
            assert (await ana.batch(items)).status_code == 500
        assert await everything() == before
    with failing_commits(writer, OnPurpose()):
        assert (await ana.batch(items)).status_code == 500
    assert await everything() == before
    assert statuses(await ana.batch(items)) == [201, 201, 201]
    assert [await keys(ana, talk) for talk in talks] == [["before-0", "0", "2"], ["before-1", "1"]]
    assert [await seqs(ana, talk) for talk in talks] == [[1, 2, 3], [1, 2]]


async def test_after_each_failure_the_next_send_has_the_next_seq(service: Service) -> None:
    ana, ben = await service.newcomer(), await service.newcomer()
    talk = await ana.open_direct(ben)
    for number in range(1, 7):
        with failing_at(service.inside.db.engines.writer, number, OnPurpose()):
            assert (await ana.send(talk, f"{number}")).status_code == 500
        assert (await ben.send(talk, f"{number}")).json()["data"]["seq"] == 2 * number - 1
        assert (await ana.send(talk, f"{number}")).json()["data"]["seq"] == 2 * number


async def test_a_connection_lost_between_two_statements_is_made_good(service: Service) -> None:
    """The database undid it: the whole is run again, on another connection, and the client sees nothing of it."""
    ana, ben = await service.newcomer(), await service.newcomer()
    talk = await ana.open_direct(ben)
    for number in range(1, 7):
        with failing_at(service.inside.db.engines.writer, number, ConnectionResetError()):
            assert (await ana.send(talk, f"{number}")).status_code == 201
    assert await keys(ben, talk) == [f"{number}" for number in range(1, 7)]
