"""Whether requests are traced: decided once, so that nothing asks again and nothing is imported where they are not."""

from collections.abc import Sequence
from typing import Any

from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware

from chatsvc.db import Database
from chatsvc.settings import Settings

# Said outright: FastAPI would look for somebody's providers at each request.
UNTRACED: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


class Untraced:
    """What the application is built with where nothing is traced."""

    def __init__(self) -> None:
        self.telemetry = UNTRACED
        self.middleware: Sequence[Middleware] = ()

    def database(self, *given: Any, **options: Any) -> Database:
        """Takes what Database takes."""
        return Database(*given, **options)

    async def close(self) -> None:
        """Send what waits."""


def tracing_of(settings: Settings) -> Untraced:
    """Raises ValueError where traces are asked for and their packages are missing."""
    if settings.traces == "off":
        return Untraced()
    try:
        from chatsvc.api.otlp_traces import Traces  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ValueError(
            f"CHATSVC_TRACES={settings.traces} needs packages that are not installed: pip install 'chatsvc[otel]'"
        ) from error
    return Traces()
