"""All routes, in the order in which they are tried: the hot ones first."""

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.routing import APIRoute

from chatsvc.api import auth, conversations, docs_page, messages, operations, sync, users, web_app

ROUTERS: Sequence[APIRouter] = (
    messages.direct,
    sync.direct,
    messages.router,
    sync.router,
    auth.public,
    auth.router,
    conversations.router,
    users.router,
    operations.router,
    docs_page.router,
    web_app.router,
)
ROUTES: Sequence[APIRoute] = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def methods_of(path: str) -> list[str]:
    """Every method that a path takes, for the Allow of a 405: Starlette's own names those of one route."""
    return sorted({method for route in ROUTES if route.path_regex.match(path) for method in route.methods or ()})
