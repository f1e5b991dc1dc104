"""The commands and queries of sections 2 and 3."""

from dataclasses import dataclass
from urllib.parse import quote

from tests.model.calls import Call, Operation, Signed, asked, given


@dataclass(frozen=True)
class Register(Operation):
    username: str
    password: str
    display_name: str | None = None
    device_name: str | None = None

    def call(self) -> Call:
        return Call("POST", "/v1/auth/register", given(**vars(self)))


@dataclass(frozen=True)
class LogIn(Operation):
    username: str
    password: str
    device_name: str | None = None

    def call(self) -> Call:
        return Call("POST", "/v1/auth/login", given(**vars(self)))


@dataclass(frozen=True)
class Refresh(Operation):
    refresh_token: str

    def call(self) -> Call:
        return Call("POST", "/v1/auth/refresh", vars(self))


@dataclass(frozen=True)
class LogOut(Operation):
    refresh_token: str

    def call(self) -> Call:
        return Call("POST", "/v1/auth/logout", vars(self))


@dataclass(frozen=True)
class AboutServer(Operation):
    def call(self) -> Call:
        return Call("GET", "/v1/server")


@dataclass(frozen=True)
class ListSessions(Signed):
    def call(self) -> Call:
        return Call("GET", "/v1/auth/sessions")


@dataclass(frozen=True)
class EndSession(Signed):
    session_id: str

    def call(self) -> Call:
        return Call("DELETE", f"/v1/auth/sessions/{quote(self.session_id)}")


@dataclass(frozen=True)
class ChangePassword(Signed):
    current_password: str
    new_password: str

    def call(self) -> Call:
        body = {"current_password": self.current_password, "new_password": self.new_password}
        return Call("POST", "/v1/auth/password", body)


@dataclass(frozen=True)
class Me(Signed):
    def call(self) -> Call:
        return Call("GET", "/v1/users/me")


@dataclass(frozen=True)
class Rename(Signed):
    display_name: str | None

    def call(self) -> Call:
        return Call("PATCH", "/v1/users/me", {"display_name": self.display_name})


@dataclass(frozen=True)
class OneUser(Signed):
    user_id: str

    def call(self) -> Call:
        return Call("GET", f"/v1/users/{quote(self.user_id)}")


@dataclass(frozen=True)
class Search(Signed):
    query: str
    limit: int | None = None

    def call(self) -> Call:
        return asked("/v1/users/search", query=self.query, limit=self.limit)
