"""Arguments that had another name before: what was sent or queued under it still fits."""

import json
from typing import Any

import pytest

from ports.action import ActionHandler, Arg
from ports.argument import ArgumentError, InvalidArguments, check, from_text
from service.commands import options_of
from service.http.app import routed_app
from service.records import SECRET, shown, submitted, validated
from service.registry import Registry
from service.run import model_without
from service.sameness import fingerprint


class RenameIt(ActionHandler, permission="test.run"):
    """Rename it."""

    name: str = Arg(aliases=("title", "label"), max_length=5, description="What it is called.")
    size: int = Arg(default=1, aliases=("count",))
    password: str | None = Arg(default=None, secret=True, aliases=("passphrase",))

    async def execute(self) -> None: ...


def taken(**sent: object) -> dict[str, Any]:
    return {name: value for name, value in vars(check(RenameIt.input_model, sent)).items() if value is not None}


def refused(**sent: object) -> list[ArgumentError]:
    with pytest.raises(InvalidArguments) as raised:
        check(RenameIt.input_model, sent)
    return raised.value.errors


@pytest.mark.parametrize("name", ["name", "title", "label"])
def test_a_value_is_taken_by_any_of_its_names_and_known_by_the_present_one(name: str) -> None:
    checked = check(RenameIt.input_model, {name: "Red"})

    assert taken(**{name: "Red"}) == {"name": "Red", "size": 1}
    assert json.loads(validated(RenameIt, checked))["name"] == "Red"
    assert vars(checked).keys() == RenameIt.arguments.keys()
    assert fingerprint(checked, "key") == fingerprint(check(RenameIt.input_model, {"name": "Red"}), "key")


def test_a_text_is_read_by_the_type_of_the_argument_that_had_the_name() -> None:
    assert from_text(RenameIt.arguments, {"title": ["5"], "count": ["5"]}) == {"title": "5", "count": 5}


@pytest.mark.parametrize("pair", [("name", "title"), ("title", "label")])
def test_one_value_by_two_names_is_refused(pair: tuple[str, str]) -> None:
    detail = "Extra inputs are not permitted"

    assert refused(**dict.fromkeys(pair, "Red")) == [ArgumentError(pointer=f"/{pair[1]}", detail=detail)]


def test_an_error_points_to_what_was_sent_and_a_missing_value_to_the_present_name() -> None:
    assert [error.pointer for error in refused(label="too long")] == ["/label"]
    assert [error.pointer for error in refused(size=2)] == ["/name"]
    assert [error.pointer for error in refused(title="Red", titel="Red", count="2")] == ["/count", "/titel"]


def test_a_secret_is_on_no_record_by_its_former_name() -> None:
    sent = {"title": "Red", "passphrase": "canary"}
    checked = check(RenameIt.input_model, sent)
    records = [submitted(RenameIt, sent), shown(RenameIt, checked), validated(RenameIt, checked)]

    assert submitted(RenameIt, sent) == {"title": "Red", "passphrase": SECRET}
    assert "canary" not in str(records)


def test_what_an_execution_waits_for_may_come_by_its_former_name() -> None:
    assert "name" not in model_without(RenameIt, "title").model_fields


def test_the_document_and_the_command_tell_the_present_name_alone() -> None:
    document = json.dumps(routed_app(Registry({"rename_it": RenameIt})).openapi())
    command = {option for each in options_of(RenameIt) for option in each.opts}

    assert '"label"' not in document
    assert '"passphrase"' not in document
    assert command == {"--name", "--size", "--password"}
