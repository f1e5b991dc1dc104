"""The application as a test sees it: over HTTP in this process, with a clock that the test turns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
from fastapi import FastAPI
from pydantic import BaseModel

from chatsvc.api.services import Services
from chatsvc.api.tokens import session_life, token_pair
from chatsvc.app import create_app
from chatsvc.commands.audit import Origin
from chatsvc.commands.log_in import LogIn, log_in
from chatsvc.commands.register_user import RegisterUser, register_user
from chatsvc.queries.credentials import credentials_of_user
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

    async def batch(self, items: list[Any]) -> httpx2.Response:
        """The outbox of a phone that was offline."""
        return await self.call("POST", "/v1/messages/batch", {"messages": items})

    async def history(self, conversation_id: str) -> list[dict[str, Any]]:
        """Every message of a conversation, page by page."""
        messages: list[dict[str, Any]] = []
        while True:
            query = f"?limit=200&after_seq={len(messages)}"
            page = await self.ok("GET", f"/v1/conversations/{conversation_id}/messages{query}")
            messages += page["messages"]
            if not page["has_more"]:
                return messages

    async def changes(self, held: dict[str, int], **options: Any) -> Any:
        """What is new since the seqs that are held, by conversation."""
        return await self.ok("POST", "/v1/sync/changes", {"after_seq_by_conversation": held, **options})

    async def bootstrap(self, query: str = "") -> Any:
        return await self.ok("GET", f"/v1/sync/bootstrap{query}")

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

    async def newcomer(self, username: str | None = None, display_name: str | None = None) -> Device:
        """A user with a session, by the command alone: no password fits, and none costs the time to hash it."""
        username = username or f"u{uuid4().hex[:12]}"
        life = session_life(self.inside.settings)
        command = RegisterUser(username, display_name or username, "-", None, life, Origin())
        done = await self.inside.db.execute(register_user, command)
        tokens = token_pair(self.inside, done.token)
        return Device(self, asdict(done.user), tokens.model_dump(mode="json"))

    async def another_session(self, device: Device) -> Device:
        """One more session of the same user, by the command alone."""
        read = self.inside.db.read_primary
        known = await read(credentials_of_user, user_id=UUID(device.id))
        assert known is not None
        life = session_life(self.inside.settings)
        command = LogIn(known.user_id, known.password_hash, None, None, life, Origin())
        done = await self.inside.db.execute(log_in, command)
        return Device(self, device.user, token_pair(self.inside, done.token).model_dump(mode="json"))

    async def login(self, username: str, password: str = PASSWORD) -> Device:
        answer = await self.call("POST", "/v1/auth/login", {"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        return Device(self, **answer.json()["data"])


def service_settings(database_url: str, data_dir: Path, **changes: Any) -> Settings:
    """Settings for a test: no rate limits and no waiting for a session check, unless it asks for them.

    Checked as ever, but not looked for in the environment: that takes longer than to copy a database.
    """
    defaults: dict[str, Any] = {"rate_limits": "off", "session_check_seconds": 0, "prune_every_seconds": 0}
    defaults |= {"log_level": "error", "web_dir": data_dir / "web"}  # what the checkout has built is no test's business
    settings = Settings.__new__(Settings)
    BaseModel.__init__(settings, database_url=database_url, data_dir=data_dir, **{**defaults, **changes})
    return settings


@asynccontextmanager
async def running_service(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Service]:
    """The application with its lifespan, and a client in front of it."""
    clock = clock or Clock()
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx2.AsyncClient(transport=transport, base_url="http://chatsvc.test") as client:
            yield Service(app, client, clock)
