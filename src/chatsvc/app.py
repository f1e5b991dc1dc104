"""Wires the rooms together: settings in, an application out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from prometheus_client import start_http_server
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from chatsvc.api.body_limit import BodyLimit
from chatsvc.api.envelope import on_chat_error, on_http_exception, on_validation_error
from chatsvc.api.limiter import Limiter
from chatsvc.api.liveness import SessionLiveness
from chatsvc.api.metrics import Metrics
from chatsvc.api.middleware import Compression, Cors, Crashes, SecurityHeaders
from chatsvc.api.observing import Observed, RequestIds
from chatsvc.api.openapi import describe
from chatsvc.api.routes import ROUTERS, ROUTES, methods_of
from chatsvc.api.saturation import Saturation
from chatsvc.api.services import Services
from chatsvc.api.tracing import UNTRACED, Untraced, tracing_of
from chatsvc.db.engines import make_engines
from chatsvc.db.opening import held_for_serving, require_serviceable
from chatsvc.errors import ChatError
from chatsvc.security.access_tokens import AccessTokens
from chatsvc.security.hashing_pool import HashingPool
from chatsvc.security.keys import SigningKeys, load_or_create_key_file, parse_keys
from chatsvc.security.passwords import warm_up
from chatsvc.security.remembered_tokens import RememberedTokens
from chatsvc.settings import Settings
from chatsvc.workers.checkpointing import keep_log_short
from chatsvc.workers.lateness import keep_lateness_measured
from chatsvc.workers.measuring_replica import keep_replica_measured
from chatsvc.workers.pruning import keep_pruned

_LONGEST_ACCESS_LIFE = 86_400
_COMPRESS_FROM_BYTES = 1_024


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, *, clock: Callable[[], datetime] = _utc_now) -> FastAPI:
    """The application; nothing is connected before its lifespan. `clock` is the only source of time in answers."""
    settings = settings or Settings()
    tracing = tracing_of(settings)
    services = _services(settings, clock, tracing)
    middleware = _middleware(settings, services.metrics, tracing)
    app = bare_app(lifespan=_lifespan, middleware=middleware, telemetry=tracing.telemetry)
    app.state.services = services
    app.state.tracing = tracing
    app.state.methods_of = methods_of
    return app


def bare_app(*, telemetry: TelemetryConfig = UNTRACED, **options: Any) -> FastAPI:
    """The routes with their refusals and description, and nothing behind them."""
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=telemetry,
        exception_handlers={
            ChatError: on_chat_error,
            RequestValidationError: on_validation_error,
            HTTPException: on_http_exception,
        },
        **options,
    )
    for router in ROUTERS:
        app.include_router(router)
    app.openapi = lambda: describe(app, ROUTES)  # type: ignore[method-assign]
    return app


def _services(settings: Settings, clock: Callable[[], datetime], tracing: Untraced) -> Services:
    metrics = Metrics()

    def after_commit(*, changed: set[UUID], ended: set[UUID]) -> None:  # noqa: ARG001 - nobody listens for changes yet
        if ended:
            liveness.forget(ended)

    db = tracing.database(
        make_engines(settings, serving=True),
        clock=clock,
        after_commit=after_commit,
        replica_max_lag_seconds=settings.replica_max_lag_seconds,
    )
    liveness = SessionLiveness(db, seconds=settings.session_check_seconds)
    hashing = HashingPool(threads=settings.password_threads, queue=settings.password_queue, sharers=settings.workers)
    metrics.watch_hashing(lambda: hashing.running, lambda: hashing.waiting)
    metrics.watch(Saturation(db, hashing))
    tokens = AccessTokens(
        keys=_signing_keys(settings),
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        # Not the life in force: tokens from before it was lowered are still good.
        max_life_seconds=_LONGEST_ACCESS_LIFE,
    )
    return Services(
        settings=settings,
        db=db,
        tokens=tokens,
        remembered=RememberedTokens(tokens),
        hashing=hashing,
        limiter=Limiter(settings, db, on_refusal=lambda name: metrics.refusals.labels(name).inc()),
        liveness=liveness,
        metrics=metrics,
    )


def _signing_keys(settings: Settings) -> SigningKeys:
    """From the settings; or a key made once and kept in the data directory, so that a restart logs nobody out."""
    if text := settings.jwt_keys.get_secret_value():
        return parse_keys(text)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return load_or_create_key_file(settings.data_dir / "jwt.keys")


def _middleware(settings: Settings, metrics: Metrics, tracing: Untraced) -> list[Middleware]:
    """Outermost first. CORS stands outside of all that refuses, so that a browser may read every refusal."""
    return [
        Middleware(RequestIds),
        *tracing.middleware,
        Middleware(Observed, metrics=metrics),
        Middleware(SecurityHeaders, hsts=settings.sends_hsts),
        Middleware(Cors, origins=settings.cors_origins),
        Middleware(Crashes),
        # Outside of compression, which would hold back the end of the 413 until the rest of the body was read.
        Middleware(BodyLimit, max_bytes=settings.max_body_bytes),
        Middleware(Compression, minimum_size=_COMPRESS_FROM_BYTES, compresslevel=5),
    ]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    warming = asyncio.create_task(services.hashing.run(warm_up))  # on a thread, while the database opens
    async with held_for_serving(services.settings):
        try:
            await warming
            # From now on a connection is open: the first request finds one, and a copy sees that there is a server.
            await require_serviceable(services.db.engines.reader)
            async with _working_beside(services):
                yield
        finally:
            await asyncio.to_thread(services.hashing.close)
            await services.db.close()
            await app.state.tracing.close()


@asynccontextmanager
async def _working_beside(services: Services) -> AsyncIterator[None]:
    """What runs beside requests."""
    settings, metrics = services.settings, services.metrics
    beside = asyncio.gather(
        keep_pruned(services.db, settings, metrics.count_pruned),
        keep_log_short(settings),
        keep_lateness_measured(metrics.lateness.observe),
        keep_replica_measured(services.db),
    )
    scrapes: Any = None
    try:
        # Of several workers none has the port: it is their supervisor's.
        if settings.metrics == "on" and settings.metrics_port is not None and settings.workers == 1:
            scrapes = start_http_server(settings.metrics_port, settings.host, registry=metrics.registry)
        yield
    finally:
        beside.cancel()
        with suppress(asyncio.CancelledError):
            await beside
        if scrapes is not None:
            scrapes[0].shutdown()
            scrapes[0].server_close()
