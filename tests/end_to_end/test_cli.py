"""The command line, as real processes that share one embedded database."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adapters.postgres.embedded import EmbeddedPostgres
from service.cli import main

ROOT = Path(__file__).parents[2]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1"/></svg>'
Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def data(enterable: Path) -> Iterator[Path]:
    """A data folder whose server runs throughout, so that no command waits for its start."""
    folder = enterable / "cli"
    with EmbeddedPostgres(folder):
        yield folder


@pytest.fixture(scope="module")
def cli(data: Path) -> Cli:
    def run(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("ACTIONBUS_", "DATABASE_URL"))
        }
        done = subprocess.run(
            [str(Path(sys.executable).parent / "actionbus"), *arguments],
            cwd=ROOT,
            env={**kept, "ACTIONBUS_DATA": str(data), **environment},
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def answered(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_action_prints_its_output(cli: Cli) -> None:
    space = answered(cli("run", "create_space", "--name=Design"))
    kit = answered(cli("run", "create_kit", f"--space-id={space['id']}", "--name", "Brand"))
    section = answered(cli("run", "add_section", f"--kit_id={kit['id']}", "--name=Icons"))

    assert kit["name"] == "Brand"
    assert section["position"] == 0


def test_a_file_is_uploaded_by_its_path(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_bytes(SVG)
    space = answered(cli("run", "create_space", "--name=Files"))
    kit = answered(cli("run", "create_kit", f"--space_id={space['id']}", "--name=Brand"))
    section = answered(cli("run", "add_section", f"--kit_id={kit['id']}", "--name=Icons"))

    asset = answered(
        cli("run", "add_asset", f"--section_id={section['id']}", "--name=a.svg", f"--file=@{tmp_path}/a.svg")
    )

    assert asset["media_type"] == "image/svg+xml"
    missing = cli("run", "add_asset", f"--section_id={section['id']}", "--name=b", "--file=@/nothing.svg")
    assert (missing.returncode, missing.stdout) == (66, "")
    assert "/nothing.svg" in missing.stderr


@pytest.mark.parametrize("given", ["itself", "-", "@-", "@{file}", "{file}"])
def test_arguments_come_as_json_too(cli: Cli, tmp_path: Path, given: str) -> None:
    name = f"By JSON as {given}"
    sent = json.dumps({"name": name})
    (tmp_path / "sent.json").write_text(sent)
    said = sent if given == "itself" else given.replace("{file}", str(tmp_path / "sent.json"))

    space = answered(cli("run", "create_space", "--json", said, stdin=sent.encode()))

    assert space["name"] == name


def test_options_give_arguments_that_the_json_does_not(cli: Cli) -> None:
    space = answered(cli("run", "create_space", "--json={ }", "--name=Both"))
    given = json.dumps({"space_id": space["id"], "visibility": "public"})

    kit = answered(cli("run", "create_kit", "--json", given + "\n", "--name=Brand"))
    twice = cli("run", "create_kit", "--json", given, "--name=Other", "--visibility=private")

    assert (kit["name"], kit["visibility"]) == ("Brand", "public")
    assert (twice.returncode, twice.stdout) == (2, "")
    assert "Given both by --json and by an option: visibility." in twice.stderr


@pytest.mark.parametrize("options", [[], ["--name=x"]])
@pytest.mark.parametrize("given", ["{", '{"name": "x",}', '{"name": "x"} x', "-", "null", '["x"]', "5"])
def test_what_is_no_json_object_is_a_problem(cli: Cli, given: str, options: list[str]) -> None:
    done = cli("run", "create_space", "--json", given, *options, stdin=b'["name"]')

    assert (done.returncode, done.stdout) == (65, "")
    assert json.loads(done.stderr)["code"] == "malformed_json"
    assert json.loads(done.stderr)["reason"]


def test_json_from_a_standard_input_that_is_closed_is_told(data: Path) -> None:
    command = f"{Path(sys.executable).parent / 'actionbus'} run create_space --json - <&-"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACTIONBUS_", "DATABASE_URL"))}
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        check=False,
        cwd=ROOT,
        env={**kept, "ACTIONBUS_DATA": str(data)},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (66, "actionbus: --json: there is no standard input.\n")


@pytest.mark.parametrize("given", ["@/nothing.json", "/nothing.json", "x", "", "@", "/", '["hunter2"', "x\0"])
def test_json_that_cannot_be_read_is_told_before_anything_is_begun(given: str) -> None:
    done = CliRunner().invoke(main, ["run", "create_space", "--json", given])

    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (66, "", 1)
    file = repr(given) if given.startswith("@") else "what is given"  # which may be a secret
    assert f"--json: {file} is no JSON object, nor a file that can be read: " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["create_kit", "--space_id=nothing", "--name="], 65, "invalid_arguments"),
        (["create_kit"], 65, "invalid_arguments"),
        (["get_kit", "--kit_id=019b76da-a800-7000-8000-000000000000"], 66, "entity_not_found"),
        (["create_space", "--name=Twice"], 73, "space_name_taken"),
    ],
)
def test_a_problem_is_printed_on_standard_error_with_its_exit_code(
    cli: Cli, arguments: list[str], code: int, problem: str
) -> None:
    if code == 73:
        cli("run", *arguments)
    done = cli("run", *arguments)

    assert (done.returncode, done.stdout) == (code, "")
    assert json.loads(done.stderr)["code"] == problem


def test_a_token_is_who_runs_the_action(cli: Cli) -> None:
    weak = cli("token", "--actor=ada", "--scope=kit.read").stdout.strip()

    done = cli("run", "create_space", "--name=x", ACTIONBUS_TOKEN=weak)

    assert done.returncode == 77
    assert json.loads(done.stderr)["code"] == "scope_missing"


@pytest.mark.parametrize(
    ("scope", "named"),
    [
        ("index.*", ["index.read", "index.rebuild", "index.verify"]),
        ("worker.*", ["worker.read"]),
        ("ledger.*", ["ledger.expire", "ledger.prune"]),
    ],
)
def test_an_area_of_operators_alone_is_refused_with_what_to_name(cli: Cli, scope: str, named: list[str]) -> None:
    refused = cli("token", "--scope=kit.*", f"--scope={scope}")
    among_others = cli("token", f"--scope=kit.* {scope}")
    made = cli("token", *(f"--scope={permission}" for permission in named))

    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (65, "", 1)
    assert scope in refused.stderr
    assert (among_others.returncode, among_others.stderr) == (65, refused.stderr)
    assert all(f"--scope={permission}" in refused.stderr for permission in named)
    assert made.returncode == 0


@pytest.mark.parametrize("scope", ["*", "kit.*", "execution.*", "share.*", "file.*", "index.read", "greeting.*"])
def test_a_scope_that_holds_something_or_is_of_another_service_is_taken(cli: Cli, scope: str) -> None:
    assert (cli("token", f"--scope={scope}").returncode) == 0


@pytest.mark.parametrize("scope", ["", " "])
def test_an_empty_scope_is_refused(cli: Cli, scope: str) -> None:
    done = cli("token", f"--scope={scope}")

    assert (done.returncode, done.stdout) == (65, "")
    assert done.stderr.startswith("actionbus: A scope is a permission such as kit.read, ")


def test_the_token_is_printed_and_nothing_else(cli: Cli) -> None:
    done = cli("token")

    assert done.returncode == 0
    assert done.stderr == ""
    assert len(done.stdout.split()) == 1
    assert done.stdout.count(".") == 2


def test_help_is_made_from_the_arguments(cli: Cli) -> None:
    text = cli("run", "create_kit", "--help").stdout

    assert "Create an empty kit in a space." in text
    assert "--space_id" in text
    assert "private|public" in text
    assert "[required]" in text


def test_completion_knows_actions_arguments_and_options(cli: Cli) -> None:
    def completed(words: str, at: int) -> str:
        return cli(
            COMP_WORDS=words,
            COMP_CWORD=str(at),
            _SERVICE_CLI_COMPLETE="bash_complete",
            _ACTIONBUS_COMPLETE="bash_complete",
        ).stdout

    assert "create_kit" in completed("actionbus run create", 2)
    assert "--space_id" in completed("actionbus run create_kit --sp", 3)
    assert "public" in completed("actionbus run create_kit --visibility pu", 4)


def test_the_actions_are_listed_and_described(cli: Cli) -> None:
    listed, described, unknown = cli("actions"), cli("describe", "create_kit"), cli("describe", "nothing")

    assert "create_kit" in listed.stdout
    assert "record_upload" not in listed.stdout
    for word in ("kit.create", "space_id", "kit_name_taken", '"version"'):
        assert word in described.stdout
    assert (unknown.returncode, unknown.stderr.count("\n")) == (66, 1)


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"ACTIONBUS_PORT": "many"}, "ACTIONBUS_PORT"),
        ({"DATABASE_URL": "mysql://x/y"}, "PostgreSQL"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}, "cannot be used"),
        (
            {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "ACTIONBUS_SIGNING_KEY": ""},
            "ACTIONBUS_SIGNING_KEY",
        ),
        ({"ACTIONBUS_HOST": "0.0.0.0"}, "ACTIONBUS_SIGNING_KEY"),
        ({"ACTIONBUS_HANDLERS": "nothing.there"}, "nothing.there"),
        ({"ACTIONBUS_SIGNING_KEY": "short"}, "ACTIONBUS_SIGNING_KEY"),
        ({"ACTIONBUS_LEASE_SECONDS": "inf"}, "ACTIONBUS_LEASE_SECONDS"),
    ],
)
def test_a_service_set_up_wrongly_says_what_to_set(cli: Cli, environment: dict[str, str], word: str) -> None:
    key = {} if "SIGNING_KEY" in word else {"ACTIONBUS_SIGNING_KEY": "k" * 32}
    done = cli("serve", **{"ACTIONBUS_PORT": "0", **key, **environment})

    assert (done.returncode, done.stdout) == (78, "")
    assert word in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


def test_migrate_is_done_again_without_harm(cli: Cli) -> None:
    assert cli("migrate").returncode == 0


def test_a_file_that_is_refused_and_a_token_of_nobody_are_problems(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no image")
    section = "--section_id=019b76da-a800-7000-8000-000000000000"
    refused = cli("run", "add_asset", section, "--name=a", f"--file=@{tmp_path}/a.txt")
    unknown = cli("run", "list_spaces", ACTIONBUS_TOKEN="bad")

    assert (refused.returncode, json.loads(refused.stderr)["code"]) == (65, "file_refused")
    assert (unknown.returncode, json.loads(unknown.stderr)["code"]) == (77, "unauthenticated")
    assert cli("token", "--actor=").returncode == 65


def test_a_key_and_a_trial_mean_the_same_as_elsewhere(cli: Cli) -> None:
    keyed = ("run", "create_space", "--name=Once", "--idempotency-key")
    tried = answered(cli("run", "create_space", "--name=Tried", "--dry-run"))
    first, again, malformed = cli(*keyed, "k"), cli(*keyed, "k"), cli(*keyed, "")
    listed = [space["name"] for space in answered(cli("run", "list_spaces"))["items"]]

    assert tried["output"]["name"] == "Tried"
    assert [change["kind"] for change in tried["changes"]] == ["space", "member"]
    assert (answered(again), again.stdout) == (answered(first), first.stdout)
    assert (malformed.returncode, json.loads(malformed.stderr)["code"]) == (65, "malformed_idempotency_key")
    assert (listed.count("Once"), listed.count("Tried")) == (1, 0)
