"""Rows to prune, and what is left of them."""

from datetime import timedelta

from sqlmodel import SQLModel, func, select

from chatsvc.commands.prune import Prune, Pruned, prune
from chatsvc.commands.take_allowance import Rate, TakeAllowance, take_allowance
from chatsvc.db import ReadSession
from tests.commands.signing_in import use
from tests.support.service import Service


async def pruned(service: Service, batch: int = 1_000, audit_life: timedelta = timedelta(days=365)) -> Pruned:
    return await service.inside.db.execute(prune, Prune(audit_life, batch=batch))


async def rows(service: Service, table: type[SQLModel]) -> int:
    async def count(session: ReadSession) -> int:
        return (await session.session.exec(select(func.count()).select_from(table))).one()

    return await service.inside.db.read_primary(count)


async def litter(service: Service, users: int = 12) -> None:
    for _ in range(users):
        device = await service.newcomer()
        await use(device)
        await use(device)
        await service.inside.db.execute(take_allowance, TakeAllowance(f"send:{device.id}", Rate(5, 60)))
    service.clock.advance(days=366)
