"""The ASGI app."""

from collections.abc import Sequence
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from service.composition import Service
from service.http import actions, docs, executions, files, health, listing, problem_pages
from service.http.openapi.document import document
from service.http.problems import install_problems
from service.registry import Registry

DESCRIPTION = """\
Every change of state is an action: `POST /actions/<name>` with its arguments as JSON, or `GET` with them in the query
for what only reads. Every answer that is no success is a problem document (RFC 9457), whose `code` says which it is,
and whose `type` leads to what it means.

`POST /actions/<name>/dry-run` does all that an action does but keep it, and answers what it would have returned
(`output`) and changed (`changes`). `Request-Timeout-Ms` says how long the caller waits: what has not ended by then is
undone. Reads have an `ETag`, and answer 304 to `If-None-Match`.

`Prefer: respond-async` has any action that writes done in the background: 202, and `Location`. With `wait=10` the
answer waits so many seconds for the end, and is then what it would have been. `GET /executions/<id>` tells how far it
has come; with `Prefer: wait=10` it waits for the end, or with `If-None-Match` for news. `/executions/<id>/events`
sends that as server-sent events, `DELETE /executions/<id>` cancels, `GET /executions` is `list_executions`.

In a query, what is null is left out. A text may hold no U+0000, and a name no control or format characters (the
categories Cc and Cf of Unicode, which U+200D is in).
"""


def create_app(service: Service) -> FastAPI:
    """Return the app that serves `service` over HTTP."""
    app = routed_app(service.registry)
    app.state.service = service
    return app


def routed_app(registry: Registry) -> FastAPI:
    """Return the app without a service: enough for its document."""
    app = FastAPI(
        title="Actionbus",
        version=version("actionbus"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    # First, and on the app itself: routes are matched one after the other, and a router's own cost more.
    app.add_api_route("/actions/{name}", actions.run_action, methods=["GET", "HEAD", "POST"], include_in_schema=False)
    app.add_api_route("/actions/{name}/dry-run", actions.try_action, methods=["POST"], include_in_schema=False)
    for module in (listing, executions, files, health, problem_pages, docs):
        app.include_router(module.router)
        _answer_head(app, module.router.routes)
    app.router.routes.append(docs.ASSETS)
    vars(app)["openapi"] = lambda: document(app, registry)  # where FastAPI's documentation puts its own
    install_problems(app)
    return app


def _answer_head(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Answer HEAD, of which the server sends the headers alone, wherever GET is answered (RFC 9110, section 9.3.2)."""
    for route in routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            app.add_api_route(route.path, route.endpoint, methods=["HEAD"], include_in_schema=False)
