"""The ASGI app."""

from fastapi import FastAPI

from service.composition import Service
from service.http import actions, docs, executions, files, health, problem_pages
from service.http.openapi import document
from service.http.problems import install_problems


def create_app(service: Service) -> FastAPI:
    """Return the app that serves `service` over HTTP."""
    app = FastAPI(title="Actionbus", version="0.1.0", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.service = service
    # First, and on the app itself: routes are matched one after the other, and a router's own cost more.
    app.add_api_route("/actions/{name}", actions.run_action, methods=["GET", "POST"], include_in_schema=False)
    app.add_api_route("/actions/{name}/dry-run", actions.try_action, methods=["POST"], include_in_schema=False)
    for module in (actions, executions, files, health, problem_pages, docs):
        app.include_router(module.router)
    app.router.routes.append(docs.ASSETS)
    vars(app)["openapi"] = lambda: document(app, service.registry)  # where FastAPI's documentation puts its own
    install_problems(app)
    return app
