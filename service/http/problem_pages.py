"""What each kind of problem means, at the address that its `type` names (RFC 9457, section 3.1.1)."""

from typing import Any

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, PackageLoader
from pydantic import TypeAdapter
from pydantic_core import to_json

from ports.problem import Problem
from service.http.headers import header
from service.http.problems import PathNotFound
from service.http.providers import service_of
from service.registry import Registry

PAGES = Environment(loader=PackageLoader("service.http", "pages"), autoescape=True, trim_blocks=True)
router = APIRouter()


@router.get("/problems", include_in_schema=False)
async def list_problems(request: Request) -> Response:
    """List what may go wrong: each kind of problem with its code, its status and whether trying again can help."""
    registry = service_of(request).registry
    items = [explanation_of(kind, registry) for _, kind in sorted(Problem.known.items())]
    return _page("problems.html", {"items": items, "next_cursor": None}, request)


@router.get("/problems/{code}", include_in_schema=False)
async def explain_problem(request: Request, code: str) -> Response:
    """Explain one: what it means, what to do, what else it tells, and which actions may answer it."""
    kind = Problem.known.get(code)
    if kind is None:
        raise PathNotFound
    return _page("problem.html", explanation_of(kind, service_of(request).registry), request)


def explanation_of(kind: type[Problem], registry: Registry) -> dict[str, Any]:
    """Return what there is to say of a kind of problem, made from its class and from who declares it."""
    return {
        "type": f"/problems/{kind.code}",
        "code": kind.code,
        "status": kind.status,
        "title": kind.title,
        "detail": kind.detail or kind.title,
        "retryable": kind.retryable,
        "members": {name: TypeAdapter(hint).json_schema() for name, hint in kind.members.items()},
        "actions": [name for name, handler in registry.public() if kind in handler.problems],
    }


def _page(template: str, told: dict[str, Any], request: Request) -> Response:
    """Return it as a page to who asks for one, else as JSON."""
    if "text/html" not in header(request, b"accept"):
        return Response(to_json(told), media_type="application/json", headers={"vary": "Accept"})
    page = PAGES.get_template(template).render(told)
    return Response(page, media_type="text/html", headers={"vary": "Accept", "content-security-policy": POLICY})


POLICY = "default-src 'none'; style-src 'unsafe-inline'"
