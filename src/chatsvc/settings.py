"""Every setting, read once from the environment (prefix CHATSVC_) by `create_app` or the CLI."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from chatsvc.production import MIN_KEY_BYTES, has_default_password, has_weak_key, trusts_everybody


def _comma_list(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _zero_or_from_two(seconds: float) -> float:
    """It is measured about once a second: one that keeps up would be passed over again and again."""
    if 0 < seconds < 2:
        raise ValueError("Input should be 0, or 2 and more")
    return seconds


CommaList = Annotated[list[str], NoDecode, BeforeValidator(_comma_list)]
Rate = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}/[1-9][0-9]{0,6}$")]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
TimeOut = Annotated[float, Field(ge=0.01, le=86_400)]  # 0 would mean never on one database and at once on the other
Days = Annotated[int, Field(ge=1, le=3_650)]


class Settings(BaseSettings):
    """What an operator may turn. A rate is `times/seconds`, a list is separated by commas."""

    model_config = SettingsConfigDict(env_prefix="CHATSVC_", extra="ignore", frozen=True, hide_input_in_errors=True)

    env: Literal["development", "production"] = Field(
        "development", description="`production` refuses to start with unsafe settings"
    )

    # Where the data is
    data_dir: Path = Field(Path("data"), description="where the embedded database and its key live")
    database_url: SecretStr = Field(
        SecretStr(""), description="`sqlite:///…` or `postgresql://…`; empty: chatsvc.db in the data directory"
    )
    read_database_url: SecretStr = Field(SecretStr(""), description="a Postgres replica for query handlers")
    replica_max_lag_seconds: Annotated[Seconds, AfterValidator(_zero_or_from_two)] = Field(
        5, description="a replica that may be later is passed over until it has caught up; 0: however late"
    )
    pool_size: int = Field(
        10,
        ge=1,
        le=1_000,
        description="connections for commands, and as many for queries; on SQLite one, and at most four",
    )
    pgbouncer: bool = Field(default=False, description="Postgres is behind pgbouncer in transaction mode")
    statement_timeout_seconds: TimeOut = Field(10, description="Postgres ends a statement after this")
    lock_timeout_seconds: TimeOut = Field(5, description="how long a statement waits for a lock")
    ping_after_idle_seconds: Seconds = Field(5, description="a pooled connection idle for longer is tried before use")

    # The server
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65_535, description="port to listen on")
    workers: int = Field(1, ge=1, le=64, description="server processes at this address; several need Postgres")
    trusted_proxies: CommaList = Field(["127.0.0.1"], description="addresses or networks whose X-Forwarded-For counts")
    web_dir: Path = Field(Path("mobile/dist"), description="the built web client, served at /app if it is there")
    cors_origins: CommaList = Field([], description="origins that browsers may call from, as https://app.example")
    hsts: bool | None = Field(None, description="send Strict-Transport-Security; unset: in production")
    docs: bool | None = Field(None, description="serve /docs and /openapi.json; unset: in development")
    metrics: Literal["on", "off"] = Field("on", description="serve /metrics")
    metrics_port: int | None = Field(None, ge=1, le=65_535, description="serve /metrics on this port alone")
    traces: Literal["off", "otlp"] = Field("off", description="send spans over OTLP; needs `chatsvc[otel]`")
    drain_seconds: Seconds = Field(0, description="after SIGTERM /readyz says 503 for this long, then sockets close")
    shutdown_seconds: Seconds = Field(20, description="how long running requests may take to finish after that")
    max_body_bytes: int = Field(2 * 1024 * 1024, ge=1_024, description="largest request body")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")
    log_format: Literal["auto", "json", "console"] = Field("auto", description="auto: readable on a terminal")

    # Tokens and sessions
    jwt_keys: SecretStr = Field(
        SecretStr(""), description="`kid:secret,kid:secret`: the first signs, all verify; see `chatsvc keys new`"
    )
    jwt_issuer: str = Field("chatsvc", description="`iss` of access tokens")
    jwt_audience: str = Field("chatsvc", description="`aud` of access tokens")
    access_token_seconds: int = Field(900, ge=10, le=86_400, description="life of an access token")
    session_idle_days: Days = Field(60, description="life of a refresh token, and so of a session that is not used")
    session_max_days: Days = Field(365, description="life of a session in all")
    session_check_seconds: Annotated[float, Field(ge=0, le=5)] = Field(
        5, description="an ended session is refused everywhere after this long at most; 0 asks at every request"
    )
    password_threads: int = Field(
        0, ge=0, le=64, description="passwords hashed at once, by each worker; 0: its share of the cores"
    )
    password_queue: int = Field(64, ge=1, le=10_000, description="passwords that may wait; beyond it 503")

    # Limits
    rate_limits: Literal["on", "off"] = Field("on", description="rate limits")
    rate_limit_store: Literal["memory", "database"] = Field(
        "memory", description="where the counts live; `database` shares them between replicas"
    )
    limit_register: Rate = Field("20/3600", description="registrations by address")
    limit_login_address: Rate = Field("100/300", description="logins by address")
    limit_login_username: Rate = Field("300/3600", description="logins by username")
    limit_login: Rate = Field("10/300", description="logins by address and username together")
    limit_refresh: Rate = Field("3000/300", description="refreshes and logouts by address")
    limit_send: Rate = Field("600/60", description="new messages by user")
    limit_search: Rate = Field("60/60", description="searches by user")
    limit_open: Rate = Field("60/3600", description="conversations newly opened by user")
    limit_export: Rate = Field("10/3600", description="exports of all that is held, by user")

    # What runs beside requests
    prune_every_seconds: Seconds = Field(3_600, description="how often spent tokens and old rows go; 0: never")
    audit_days: Days = Field(365, description="how long the audit log is kept")

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def sends_hsts(self) -> bool:
        return self.production if self.hsts is None else self.hsts

    @property
    def serves_docs(self) -> bool:
        return not self.production if self.docs is None else self.docs

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        if self.production and (found := self._unsafe()):
            raise ValueError("unsafe in production: " + "; ".join(found))
        return self

    def _unsafe(self) -> list[str]:
        """One line for each unsafe setting, naming it and never repeating a secret."""
        found, keys = [], self.jwt_keys.get_secret_value()
        if not keys:
            found.append("CHATSVC_JWT_KEYS is missing (`chatsvc keys new` makes one)")
        elif has_weak_key(keys):
            found.append(f"CHATSVC_JWT_KEYS holds a weak key: at least {MIN_KEY_BYTES} random bytes are needed")
        if self.docs:
            found.append("CHATSVC_DOCS opens the documentation to everybody")
        if "*" in self.cors_origins:
            found.append("CHATSVC_CORS_ORIGINS allows every origin")
        if any(trusts_everybody(proxy) for proxy in self.trusted_proxies):
            found.append("CHATSVC_TRUSTED_PROXIES trusts every address")
        for name, url in (("DATABASE_URL", self.database_url), ("READ_DATABASE_URL", self.read_database_url)):
            if has_default_password(url.get_secret_value()):
                found.append(f"CHATSVC_{name} has a default password")
        return found
