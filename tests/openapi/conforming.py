"""Whether a value is one that a schema of the document allows."""

from collections.abc import Mapping
from typing import Any

from openapi_schema_validator import OAS31Validator

from service.document import present_document

COMPONENTS = present_document()["components"]


def assert_conforms(value: Any, schema: Mapping[str, Any]) -> None:
    whole = {**schema, "components": COMPONENTS}
    errors = OAS31Validator(whole, format_checker=OAS31Validator.FORMAT_CHECKER).iter_errors(value)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []
