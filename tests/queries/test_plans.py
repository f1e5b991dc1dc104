"""No request reads a table from end to end: the cost grows with what is new and one's own, not with the database."""

from uuid import UUID, uuid4

from tests.commands.sending import item, statuses
from tests.queries.plans import Run, analyze, scans, settle, statements_run
from tests.support.service import Service


async def test_no_statement_scans_a_table(service: Service, database_url: str) -> None:
    ana = await service.newcomer()
    talks = [str(talk) for talk in await service.inside.db.execute(settle, UUID(ana.id))]
    other = (await ana.ok("GET", "/v1/users/search?query=user2999"))["users"][0]
    await analyze(database_url)
    with statements_run(service) as seen:
        page = await ana.bootstrap("?limit=10")
        await ana.bootstrap(f"?limit=10&cursor={page['next_cursor']}")
        await ana.changes(dict.fromkeys(talks, 3) | {str(uuid4()): 0 for _ in range(20)}, limit=500)
        await ana.changes({}, limit=500)
        await ana.ok("GET", "/v1/conversations?limit=200")
        await ana.ok("GET", f"/v1/conversations/{talks[0]}/messages?after_seq=2")
        await ana.ok("GET", f"/v1/conversations/{talks[0]}/messages?before_seq=5")
        await ana.ok("GET", f"/v1/users/{other['id']}")
        assert len((await ana.ok("GET", "/v1/users/search?query=user+12&limit=50"))["users"]) == 50
        await ana.ok("GET", "/v1/users/search?query=\U0010ffff")
        await ana.ok("POST", "/v1/conversations/direct", {"other_user_id": other["id"]})
        assert (await ana.send(talks[0], "one")).status_code == 201
        batch = [item(talks[at % 40], f"{at}") for at in range(100)]
        assert statuses(await ana.batch(batch)) == [201] * 100
        assert statuses(await ana.batch(batch)) == [200] * 100
    assert len({run.sql for run in seen}) > 20
    found = {run.sql: tables for run in seen if (tables := await scans(database_url, run))}
    assert found == {}


async def test_a_search_reads_no_more_than_it_finds(service: Service, database_url: str) -> None:
    """Whatever the size of the table, and by the planner's own choice."""
    ana = await service.newcomer()
    await service.inside.db.execute(settle, UUID(ana.id))
    await analyze(database_url)
    with statements_run(service) as seen:
        await ana.ok("GET", "/v1/users/search?query=user+12&limit=50")
        await ana.ok("GET", "/v1/users/search?query=user12")
    searches = [run for run in seen if "display_name_folded" in run.sql]
    assert [await scans(database_url, run, as_if_large=False) for run in searches] == [[], []]


async def test_the_guard_itself_sees_a_scan(service: Service, database_url: str) -> None:
    ana = await service.newcomer()
    await service.inside.db.execute(settle, UUID(ana.id))
    await analyze(database_url)
    for sql, table in (
        ("SELECT count(*) FROM messages AS m WHERE m.content = 'hello'", "messages"),
        ("SELECT * FROM users WHERE display_name LIKE 'user%'", "users"),
        ("SELECT 1 FROM conversations c JOIN users u ON u.display_name = c.type", "users"),
    ):
        assert table in await scans(database_url, Run(sql, ()))
