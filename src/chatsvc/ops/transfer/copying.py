"""The copy: everything of one database into an empty one, committed only when it was seen to be the same."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from chatsvc.db.bulk import TABLES, Lines, Side, open_side
from chatsvc.db.schema import is_newer, migrate, newest_revision
from chatsvc.db.urls import DatabaseUrl
from chatsvc.ops.progress import Progress
from chatsvc.ops.transfer.comparing import Difference, Fingerprint, compare, rows_of
from chatsvc.ops.transfer.refusals import TransferRefused
from chatsvc.ops.transfer.serving import not_served, require_not_served
from chatsvc.settings import Settings


class CopyDiffers(RuntimeError):
    """What arrived is not what was read, and nothing was kept."""

    def __init__(self, copied: dict[str, Fingerprint], differences: list[Difference]) -> None:
        super().__init__()
        self.copied, self.differences = copied, differences


async def copy(
    source_url: DatabaseUrl,
    target_url: DatabaseUrl,
    settings: Settings,
    progress: Progress,
    *,
    rehearse: bool = False,
    final: bool = False,
) -> dict[str, Fingerprint]:
    """Copy, compare, and commit if nothing differs; gives what each table holds. Raises CopyDiffers if something does.

    Both databases must be out of service, the source not with `rehearse`; with `final` the source is marked as moved,
    and is not served again. A target without a schema gets one. Raises TransferRefused with nothing copied. Whenever
    it is cut off, the target is as empty as before.
    """
    async with AsyncExitStack() as held:
        if not rehearse:
            await held.enter_async_context(not_served(source_url))
        await _prepare(target_url, settings)
        await held.enter_async_context(not_served(target_url))
        async with open_side(source_url) as source, open_side(target_url, to_fill=True) as target:
            await _require_alike(source, target)
            for table in TABLES:
                progress.start(f"copying {table.name}", await rows_of(source, table))
                if table.made_with_schema:
                    await target.execute(f"DELETE FROM {table.name}")
                await target.fill(table, _counted(source.lines(table), progress))
            copied, differences = await compare(source, target, progress)
            if differences:
                raise CopyDiffers(copied, differences)
            if not rehearse:
                await require_not_served(source_url)  # nor was it begun meanwhile: what it took would be left behind
        if final:
            progress.start("marking the source as moved", 1)
            await _mark_as_moved(source_url)
    return copied


async def verify(
    source_url: DatabaseUrl, target_url: DatabaseUrl, progress: Progress, *, final: bool = False
) -> tuple[dict[str, Fingerprint], list[Difference]]:
    """Compare alone; gives what each table of the source holds, and what differs.

    With `final` a source that is out of service is marked as moved when nothing does: for a copy that was cut off after
    it had committed. Raises TransferRefused.
    """
    async with AsyncExitStack() as held:
        if final:
            await held.enter_async_context(not_served(source_url))
        async with open_side(source_url) as source, open_side(target_url) as target:
            found, differences = await compare(source, target, progress)
        if final and not differences:
            await require_not_served(source_url)
            await _mark_as_moved(source_url)
    return found, differences


async def _prepare(url: DatabaseUrl, settings: Settings) -> None:
    """Give a database its schema, if it has none at all."""
    if (url.path and not url.path.exists()) or not await _has_schema(url):
        await migrate(url, settings)


async def _has_schema(url: DatabaseUrl) -> bool:
    where = "sqlite_schema WHERE type = 'table' AND name" if url.path else "information_schema.tables WHERE table_name"
    async with open_side(url) as side:
        return await side.value(f"SELECT count(*) FROM {where} = 'alembic_version'") != 0


async def _require_alike(source: Side, target: Side) -> None:
    for side, name in ((source, "source"), (target, "target")):
        revision = await side.value("SELECT version_num FROM alembic_version")
        if revision != newest_revision():
            newer = is_newer(str(revision or ""))
            raise TransferRefused(
                f"the {name}'s schema is at {revision or 'nothing'}, this version's is {newest_revision()}: "
                + ("use the version that made it" if newer else "run `chatsvc migrate` on it first")
            )
    if moved_at := await source.value("SELECT moved_at FROM service_state"):
        raise TransferRefused(f"the source was moved already, at {moved_at}: the data are elsewhere")
    for table in TABLES:
        if not table.made_with_schema and await target.value(f"SELECT 1 FROM {table.name} LIMIT 1"):
            raise TransferRefused(f"the target is not empty: it has rows in {table.name}")


async def _counted(lines: Lines, progress: Progress) -> AsyncIterator[list[bytes]]:
    async for some in lines:
        progress.advance(len(some))
        yield some


async def _mark_as_moved(url: DatabaseUrl) -> None:
    now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')" if url.path else "date_trunc('milliseconds', now())"
    async with open_side(url, to_fill=True) as side:
        await side.execute(f"UPDATE service_state SET moved_at = {now}")
