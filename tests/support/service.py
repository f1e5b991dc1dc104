"""The application as a test sees it: over HTTP in this process, with a clock that the test turns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from fastapi import FastAPI

from chatsvc.api.services import Services
from chatsvc.app import create_app
from chatsvc.settings import Settings

PASSWORD = "correct horse battery"


@dataclass
class Clock:
    """A clock that stands still until it is told to move."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass
class Device:
    """One signed-in client: a session of a user, with the tokens it holds."""

    service: "Service"
    user: dict[str, Any]
    tokens: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.user["id"])

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx2.Response:
        """Any request with this device's access token."""
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}", **options.pop("headers", {})}
        return await self.service.call(method, path, body, headers=headers, **options)

    async def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The `data` of an answer that must be a success."""
        answer = await self.call(method, path, body, **options)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def open_direct(self, other: "Device") -> str:
        """The id of the conversation with somebody."""
        return str((await self.ok("POST", "/v1/conversations/direct", {"other_user_id": other.id}))["id"])

    async def send(self, conversation_id: str, key: str, content: str = "hello") -> httpx2.Response:
        body = {"client_message_id": key, "content": content}
        return await self.call("POST", f"/v1/conversations/{conversation_id}/messages", body)

    async def refresh(self, token: str | None = None) -> httpx2.Response:
        """Present a refresh token, by default the one that the device holds; keeps nothing."""
        body = {"refresh_token": token or self.tokens["refresh_token"]}
        return await self.service.call("POST", "/v1/auth/refresh", body)


@dataclass
class Service:
    """A running application; every call goes through all of the middleware."""

    app: FastAPI
    client: httpx2.AsyncClient
    clock: Clock

    @property
    def inside(self) -> Services:
        services: Services = self.app.state.services
        return services

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx2.Response:
        if body is not None:
            options["json"] = body
        return await self.client.request(method, path, **options)

    async def register(self, username: str | None = None, **fields: Any) -> Device:
        body = {"username": username or f"u{uuid4().hex[:12]}", "password": PASSWORD, **fields}
        answer = await self.call("POST", "/v1/auth/register", body)
        assert answer.status_code == 201, answer.text
        return Device(self, **answer.json()["data"])

    async def login(self, username: str, password: str = PASSWORD) -> Device:
        answer = await self.call("POST", "/v1/auth/login", {"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        return Device(self, **answer.json()["data"])


def service_settings(database_url: str, data_dir: Path, **changes: Any) -> Settings:
    """Settings for a test: no rate limits and no waiting for a session check, unless it asks for them."""
    defaults = {"rate_limits": "off", "session_check_seconds": 0, "prune_every_seconds": 0, "log_level": "error"}
    return Settings(database_url=database_url, data_dir=data_dir, **{**defaults, **changes})


@asynccontextmanager
async def running_service(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Service]:
    """The application with its lifespan, and a client in front of it."""
    clock = clock or Clock()
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx2.AsyncClient(transport=transport, base_url="http://chatsvc.test") as client:
            yield Service(app, client, clock)
