"""Executions over HTTP: what an execution came to, at the address that answers name."""

from fastapi import APIRouter, Request, Response

from service.http.answers import answer, fresh
from service.http.providers import RunnerOf

router = APIRouter()


@router.get("/executions/{execution_id}", include_in_schema=False)
async def get_execution(request: Request, execution_id: str, runner: RunnerOf) -> Response:
    """Answer what the action `get_execution` does."""
    return fresh(answer(await runner.run("get_execution", {"execution_id": execution_id})), request)
