"""What Schemathesis is told beside the document, and one check more. It loads this file by itself."""

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.checks import is_unexpected_http_status_case

# Why a valid request may be refused by 412 and 422: a schema tells what a request looks like, not what there is.
OF_STATE = {
    "idempotency_key_reused": "another request had this key",
    "version_mismatch": "the version is not the present one",
    "invalid_cursor": "no page gave out this cursor, and what it looks like is nobody's to know",
    "file_refused": "the bytes are of no kind that is kept; no schema tells that of bytes",
    "archive_refused": "the stored file of this hash is no archive",
    "not_an_image": "the stored file of this hash is no image",
}
# The rules between arguments: generators make no use of `dependentRequired` and `oneOf`, so words tell them.
OF_WORDS = {"target_missing", "not_one_change"}
# The same goes for characters: no pattern tells of control characters in a way that all languages read, and one for
# U+0000 would stand in every text there is. So the description of the document tells of both.
OF_CHARACTERS = {
    "a name needs a visible character and may hold no control characters",
    "Text may not hold the character U+0000.",
}

# What takes away what the examples are about comes last, and before what brings it back.
LAST = (
    *("remove_asset", "restore_asset", "archive_kit", "restore_kit", "remove_section"),
    *("remove_member", "leave_space", "transfer_ownership", "delete_space"),
)


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Return whether it is one: a valid request may be refused for what no schema tells, and for nothing else."""
    return not (isinstance(failure, RejectedPositiveData) and _beyond_schemas(response.json()))


def _beyond_schemas(problem: Any) -> bool:
    if problem["code"] == "invalid_arguments":
        return {error["detail"] for error in problem["errors"]} <= OF_CHARACTERS
    return problem["code"] in OF_STATE or problem["code"] in OF_WORDS


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Put the operations into an order in which most of them find what they ask for."""
    names = {path: path.removeprefix("/actions/") for path in raw_schema["paths"]}
    ordered = sorted(names, key=lambda path: LAST.index(names[path]) if names[path] in LAST else -1)
    raw_schema["paths"] = {path: raw_schema["paths"][path] for path in ordered}


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Keep all kits private: nobody else may see them, while whoever knows a public one may, by design."""
    if isinstance(case.body, dict) and case.body.get("visibility") == "public":
        case.body["visibility"] = "private"


@schemathesis.check
def status_is_named(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Fail on a status that the document holds by `default` alone, where Schemathesis takes any."""
    named = case.operation.responses.status_codes
    if not is_unexpected_http_status_case(case) and str(response.status_code) not in named:
        raise AssertionError(f"{response.status_code} is not among the answers of {case.operation.label}")
