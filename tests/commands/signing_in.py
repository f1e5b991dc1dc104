"""What tests of sessions and their tokens say again and again."""

from typing import Any

import httpx2
from sqlmodel import col, select

from chatsvc.db import ReadSession
from chatsvc.tables import AuthEvent
from tests.support.service import Device, Service


def code(answer: httpx2.Response) -> str:
    """The code of a refusal, or ok."""
    return "ok" if answer.is_success else str(answer.json()["error"]["code"])


def tokens(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]["tokens"]
    return found


async def successor(device: Device, token: str | None = None) -> str:
    """The refresh token that a good one gives, by default the one that the device holds."""
    return str(tokens(await device.refresh(token))["refresh_token"])


async def use(device: Device) -> None:
    """Refresh as a client does: keep what comes back."""
    device.tokens = tokens(await device.refresh())


async def is_live(device: Device) -> bool:
    """Whether the access token that a device holds still opens anything."""
    answer = await device.call("GET", "/v1/users/me")
    assert code(answer) in {"ok", "access_token_invalid"}
    return answer.is_success


async def live_sessions(device: Device) -> list[str]:
    return [one["id"] for one in (await device.ok("GET", "/v1/auth/sessions"))["sessions"]]


async def audit_log(service: Service) -> list[AuthEvent]:
    """The whole table, oldest first."""

    async def entries(session: ReadSession) -> list[AuthEvent]:
        found = await session.session.exec(select(AuthEvent).order_by(col(AuthEvent.at), col(AuthEvent.id)))
        return list(found)

    return await service.inside.db.read_primary(entries)
