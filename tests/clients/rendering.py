"""The story as typed programs: one for each generated client, which its type checker reads before it is played.

A step of `story.json` names a call, the arguments `with` it, and what is to come of it: a success to be known `as` a
name in later steps (`$kit.id`; with `!` at its end, of what may be null), or the problem that it is `refused` by.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from service.http.openapi.narrowing import resolved

HERE = Path(__file__).parent
STORY: list[dict[str, Any]] = json.loads((HERE / "story.json").read_text())
DOCUMENT: dict[str, Any] = json.loads((HERE.parents[1] / "openapi.json").read_text())
OPERATIONS: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
REFERENCE = re.compile(r"\$(.+?)(!?)")

PYTHON = '''\
"""The story, told by the client of openapi-python-client."""

import os
from io import BytesIO
from uuid import UUID

from client import AuthenticatedClient, models
{imports}
from client.types import File
from told import finish, known, told

client = AuthenticatedClient(base_url=os.environ["ADDRESS"], token=os.environ["TOKEN"])
{steps}
finish()
'''
HEY = """\
import {{ createClient }} from './hey/client';
import * as sdk from './hey/sdk.gen';
import {{ address, finish, told, token }} from './told';

const client = createClient({{ baseUrl: address, auth: token }});

async function play(): Promise<void> {{
{steps}
}}

void play().then(finish);
"""
FETCH = """\
import createClient from 'openapi-fetch';
import type {{ paths }} from './fetch_types';
import {{ address, finish, told, token }} from './told';

const client = createClient<paths>({{ baseUrl: address, headers: {{ Authorization: `Bearer ${{token}}` }} }});

async function play(): Promise<void> {{
{steps}
}}

void play().then(finish);
"""


def python() -> str:
    """The program for openapi-python-client."""
    calls = sorted({(OPERATIONS[step["call"]][2]["tags"][0], step["call"]) for step in STORY})
    imports = "\n".join(f"from client.api.{tag} import {call}" for tag, call in calls)
    return PYTHON.format(imports=imports, steps="\n".join(map(_python_step, STORY)))


def hey() -> str:
    """The program for the client of @hey-api/openapi-ts."""
    return HEY.format(steps="\n".join(_typescript_step(step, _hey_call(step)) for step in STORY))


def fetch() -> str:
    """The program for openapi-fetch with the types of openapi-typescript."""
    return FETCH.format(steps="\n".join(_typescript_step(step, _fetch_call(step)) for step in STORY))


def _python_step(step: dict[str, Any]) -> str:
    call, (_, _, operation) = step["call"], OPERATIONS[step["call"]]
    given = {name: _python(value, schema) for name, value, schema in _arguments(step)}
    passed = [f"{name}={value}" for name, value in given.items()]
    if "bytes" in step:
        passed = [f"body=File(payload=BytesIO({step['bytes'].encode()!r}))"]
    elif "requestBody" in operation:
        passed = [f"body=models.{_input(operation)}({', '.join(passed)})"]
    passed += _with_key(step, "idempotency_key='{}'")
    asked = f"{call}.sync_detailed({', '.join(['client=client', *passed])})"
    return f"{_named(step, '')}told({call!r}, {asked}, {_expected(step, operation)})"


def _typescript_step(step: dict[str, Any], asked: str) -> str:
    wanted = "error" if "refused" in step else "data"
    return f"  {_named(step, 'const ')}await told('{step['call']}', '{wanted}', {asked});"


def _hey_call(step: dict[str, Any]) -> str:
    call = re.sub(r"_(\w)", lambda found: found[1].upper(), step["call"])
    options = ["client", *_places(step)]
    if "bytes" in step:
        options.append(f"body: new Blob([{json.dumps(step['bytes'])}])")
    options += _with_key(step, "headers: {{ 'Idempotency-Key': '{}' }}")
    return f"sdk.{call}({{ {', '.join(options)} }})"


def _fetch_call(step: dict[str, Any]) -> str:
    method, path, operation = OPERATIONS[step["call"]]
    body = [place for place in _places(step) if place.startswith("body")]
    params = [place for place in _places(step) if place not in body]
    params += _with_key(step, "header: {{ 'Idempotency-Key': '{}' }}")
    options = body + [f"params: {{ {', '.join(params)} }}"] * bool(params)
    if "bytes" in step:
        media_type = "headers: { 'Content-Type': 'application/octet-stream' }"
        options += [f"body: {json.dumps(step['bytes'])}", "bodySerializer: (body) => body", media_type]
    if "application/json" not in operation["responses"]["200"]["content"]:
        options.append("parseAs: 'text'")
    return f"client.{method.upper()}('{path}', {{ {', '.join(options)} }})"


def _places(step: dict[str, Any]) -> list[str]:
    """The arguments by where they go: body, query or path."""
    _, path, operation = OPERATIONS[step["call"]]
    place = "body" if "requestBody" in operation else "path" if "{" in path else "query"
    given = ", ".join(f"{name}: {_typescript(value)}" for name, value, _ in _arguments(step))
    return [f"{place}: {{ {given} }}"] if given else []


def _arguments(step: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    _, _, operation = OPERATIONS[step["call"]]
    schemas = {
        parameter["name"]: parameter["schema"] for parameter in operation.get("parameters", ()) if "name" in parameter
    }
    if "requestBody" in operation and "bytes" not in step:
        schemas = DOCUMENT["components"]["schemas"][_input(operation)]["properties"]
    for name, value in step.get("with", {}).items():
        yield name, value, schemas[name]


def _input(operation: dict[str, Any]) -> str:
    return str(operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2])


def _expected(step: dict[str, Any], operation: dict[str, Any]) -> str:
    """The class of what is to come of a step."""
    if "refused" in step:
        words = [word.capitalize() for word in step["refused"].split("_")]
        return f"models.{''.join(words)}"
    content = resolved(DOCUMENT, operation["responses"]["200"])["content"]
    if "application/json" not in content:
        return "File"
    schema = content["application/json"]["schema"]
    return f"models.{schema['$ref'].rpartition('/')[2]}" if "$ref" in schema else "list"


def _with_key(step: dict[str, Any], template: str) -> list[str]:
    return [template.format(step["key"])] if "key" in step else []


def _named(step: dict[str, Any], declared: str) -> str:
    return f"{declared}{step['as']} = " if "as" in step else ""


def _python(value: Any, schema: Mapping[str, Any]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_python(each, schema['items']) for each in value)}]"
    return _spelt(value, lambda of: f"known({of})", f"UUID('{value}')" if _is_uuid(value) else repr(value))


def _typescript(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_typescript, value))}]"
    return _spelt(value, lambda of: f"{of}!", json.dumps(value))


def _spelt(value: Any, known: Callable[[str], str], literal: str) -> str:
    found = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return literal
    return known(found[1]) if found[2] else found[1]


def _is_uuid(value: Any) -> bool:
    try:
        return bool(UUID(value))
    except (ValueError, AttributeError):
        return False
