"""A handler that is not as the contract asks stops the process with one sentence."""

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from ports.action import ActionHandler
from ports.contract import ContractBroken
from service.composition import PORTS
from service.registry import Registry

COMMAND = Path(sys.executable).parent / "actionbus"
EX_CONFIG = 78
NUMBERS = count()
Packed = Callable[[dict[str, str]], str]

WELL = '''
from ports.action import ActionHandler, Arg
from ports.repo import Repo

class {class_name}(ActionHandler, permission="test.run"):
    """Do it."""

    repo: Repo
    name: str = Arg(default="a")

    async def execute(self) -> str:
        return self.name
'''


def policy(said: str) -> str:
    """The source of `do_it` with this policy besides, and an argument called `name`."""
    return module("name: str = Arg()", keywords=f'permission="test.run", {said}')


def module(*lines: str, keywords: str = 'permission="test.run"', doc: str = '"""Do it."""', execute: str = "") -> str:
    """The source of `do_it`, with these lines in its body."""
    body = [doc, *lines, execute or "async def execute(self) -> None: ..."]
    head = [
        "from ports.action import *; from ports.background import *; from ports.problem import *",
        "from ports.repo import Repo; from ports.schedule import Schedule",
        f"class DoIt(ActionHandler, {keywords}):",
    ]
    return "\n".join([*head, *(f"    {line}" for line in body if line)]) + "\n"


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packed:
    """Write modules into a package of a new name, and return that name."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(modules: dict[str, str]) -> str:
        name = f"some_actions_{next(NUMBERS)}"
        (tmp_path / name).mkdir()
        for stem, source in ({"__init__": ""} | modules).items():
            (tmp_path / name / f"{stem}.py").write_text(source)
        return name

    return write


def complaint(package: str) -> str:
    with pytest.raises(ContractBroken) as caught:
        Registry.found_in(package, PORTS)
    return str(caught.value)


MISTAKES = {
    "a class of another name": (WELL.format(class_name="DoThat"), ["one handler, DoIt", "holds DoThat", "rename"]),
    "no handler": ('"""Nothing."""', ["one handler, DoIt", "holds none"]),
    "two handlers": (
        WELL.format(class_name="DoIt") + WELL.format(class_name="DoThat"),
        ["one handler, DoIt", "holds DoIt, DoThat", "move"],
    ),
    "a handler that lives elsewhere": ("from handlers.create_space import CreateSpace as DoIt", ["holds none"]),
    "no docstring": (module(doc=""), ["DoIt has no docstring", "its first line"]),
    "a blank docstring": (module(doc='"""  """'), ["DoIt has no docstring"]),
    "no permission": (module(keywords="readonly=True"), ["no permission", 'permission="kit.create"']),
    "an empty permission": (module(keywords='permission=""'), ["no permission", 'permission="kit.create"']),
    "a permission without an area": (module(keywords='permission="create"'), ["no permission of the form area.verb"]),
    "a misspelt policy": (
        module(keywords='permission="test.run", read_only=True'),
        ["'read_only'", "the policies are permission, problems, readonly, idempotent, key_required, internal"],
    ),
    "a problem outside of a tuple": (
        module(keywords='permission="test.run", problems=Problem'),
        ["`problems` is a tuple", "problems=(KitNameTaken,)"],
    ),
    "a schedule that is no cron expression": (
        module(keywords='permission="test.run", schedule="every night"'),
        ["DoIt: `schedule`: 'every night' says no time that ever comes", "write minute, hour", '"0 3 * * *"'],
    ),
    "a schedule that never comes": (
        module(keywords='permission="test.run", schedule=Schedule("0 3 30 2 *")'),
        ["DoIt: `schedule`: '0 3 30 2 *' says no time that ever comes", "write minute, hour"],
    ),
    "a schedule in a zone that does not exist": (
        module(keywords='permission="test.run", schedule=Schedule("0 3 * * *", zone="Berlin")'),
        ["there is no time zone 'Berlin'", 'write one as in "Europe/Berlin"'],
    ),
    "a schedule that is none": (
        module(keywords='permission="test.run", schedule=3600'),
        ["DoIt: `schedule`: it says no times", "write `schedule="],
    ),
    "a schedule without an argument that is required": (
        module("name: str = Arg()", keywords='permission="test.run", schedule="0 3 * * *"'),
        ["its arguments do not fit the action's (/name: Field required); mend them"],
    ),
    "a schedule with an argument of another type": (
        module(
            "days: int = Arg(ge=1)",
            keywords='permission="test.run", schedule=Schedule("0 3 * * *", arguments={"days": 0})',
        ),
        ["its arguments do not fit the action's (/days: "],
    ),
    "a schedule with an argument that there is not": (
        module(keywords='permission="test.run", schedule=Schedule("0 3 * * *", arguments={"days": 1})'),
        ["its arguments do not fit the action's (/days: "],
    ),
    "a schedule with an argument that cannot be written": (
        module(
            "day: object = Arg()",
            keywords='permission="test.run", schedule=Schedule("0 3 * * *", arguments={"day": object()})',
        ),
        ["its arguments do not fit the action's (/day: "],
    ),
    "a schedule of what is secret": (
        module("token: str = Arg(default='', secret=True)", keywords='permission="test.run", schedule="0 3 * * *"'),
        ["what is secret may be on no record", "leave out `schedule`"],
    ),
    "a schedule of what returns something secret": (
        module(keywords='permission="test.run", secret_output=True, schedule="0 3 * * *"'),
        ["what is secret may be on no record", "leave out `schedule`"],
    ),
    "a schedule of what only reads": (
        module(keywords='permission="test.run", readonly=True, schedule="0 3 * * *"'),
        ["what only reads is never in the background", "leave out schedule"],
    ),
    "an unknown port": (
        module("store: Repo"),
        ["no port is called 'store'", f"one of {', '.join(sorted(PORTS))}, or"],
    ),
    "an unknown port in the older spelling": (module('requires = ["store"]'), ["no port is called 'store'"]),
    "an argument that was meant": (module("name: str"), ["no port is called 'name'", "give it an Arg"]),
    "a port under another type": (
        module("repo: Problem"),
        ["the port 'repo' is a ports.repo.Repo, not a ports.problem.Problem", "write `repo: Repo`"],
    ),
    "a port that may be missing": (module("repo: Repo | None"), ["not a ports.repo.Repo | None", "write `repo: Repo`"]),
    "execute that is not async": (
        module(execute="def execute(self) -> None: ..."),
        ["DoIt.execute is missing or not async", "write `async def execute(self)`"],
    ),
    "no execute": (module(execute="pass"), ["DoIt.execute is missing or not async"]),
    "validate that is not async": (
        module("def validate(self) -> None: ..."),
        ["DoIt.validate is not async", "write `async def validate(self)`"],
    ),
    "a default of another type": (
        module('count: int = Arg(default="one")'),
        ["DoIt.count has the default 'one'", "Input should be a valid integer", "change"],
    ),
    "a default out of bounds": (module("count: int = Arg(default=0, ge=1)"), ["DoIt.count has the default 0"]),
    "a default that is no option": (
        module('arguments = {"size": Arg(str, default="huge", options=["small"])}'),
        ["DoIt.size has the default 'huge'"],
    ),
    "a default that its validator refuses": (
        module('size: str = Arg(default="huge", validator=int)'),
        ["DoIt.size has the default 'huge'"],
    ),
    "an attribute that is no Arg": (module("count: int = 5"), ["DoIt.count has a value that is no Arg", "Arg(default"]),
    "an Arg without a type": (module("count = Arg()"), ["DoIt.count is an Arg without a type", "`count: str = Arg("]),
    "an argument of the older spelling that is no Arg": (
        module('arguments = {"count": int}'),
        ["DoIt.arguments: 'count' is no Arg", "Arg(str)"],
    ),
    "requires that is one text": (module('requires = "repo"'), ["requires is no list", 'requires = ["repo"]']),
    "an argument with a word of the contract": (module("timeout: int = Arg()"), ["'timeout'", "rename it"]),
    "an argument with a word of Python": (module('arguments = {"from": Arg(str)}'), ["'from'", "rename it"]),
    "an alias that another argument has": (
        module('name: str = Arg(aliases=("count",))\n    count: int = Arg()'),
        ["DoIt.name: the alias 'count' is another argument's name", "leave it out"],
    ),
    "an alias that is no name": (module('name: str = Arg(aliases=("a b",))'), ["DoIt.name: the alias 'a b'"]),
    "aliases that are one text": (
        module('name: str = Arg(aliases="title")'),
        ["DoIt.name: `aliases` are several", 'write `aliases=("title",)`'],
    ),
    "a misspelt constraint": (module("name: str = Arg(minlength=1)"), ["DoIt.name: Arg takes no minlength"]),
    "a constraint that does not fit": (module("name: str = Arg(ge=1)"), ["DoIt.name: ge says nothing", "leave it out"]),
    "a pattern for a number": (module('name: int = Arg(pattern="a")'), ["DoIt.name: pattern says nothing"]),
    "a pattern that is none": (module('name: str = Arg(pattern="(")'), ["DoIt.name: values cannot be checked"]),
    "a type that has no schema": (module("name: Repo = Arg()"), ["DoIt.name: values cannot be checked"]),
    "an annotation that names nothing": (module("repo: 'Rep'"), ["name 'Rep' is not defined", "import"]),
    "an output that names nothing": (
        module(execute="async def execute(self) -> 'Rep': ..."),
        ["DoIt.execute: what it returns cannot be written as JSON: name 'Rep' is not defined"],
    ),
    "an output that is no JSON": (
        module(execute="async def execute(self) -> Repo: ..."),
        ["DoIt.execute: what it returns cannot be written as JSON"],
    ),
    "an import of what is not there": (
        "import json\nfrom ports.repo import Rep",
        ["cannot be imported (ImportError: cannot import name 'Rep'", "in line 2", "mend the module"],
    ),
    "a failure on import": ("import json\n\njson.loads('{')", ["JSONDecodeError", "in line 3", "mend the module"]),
    "a failure of many lines on import": ("raise ValueError('one\\ntwo')", ["(ValueError: one two, in line 1)"]),
    "a type error on import": ("len(5)", ["TypeError: object of type 'int' has no len()", "in line 1"]),
    "a retry that is none": (policy("retry=3"), ["`retry` is no Retry", "mend it"]),
    "a retry of no attempts": (policy("retry=Retry(attempts=0)"), ["`retry` makes 0 attempts", "write 1 or more"]),
    "a retry on one problem": (policy("retry=Retry(on=Problem)"), ["`retry.on` is a tuple", "`on=(KitNameTaken,)`"]),
    "a retry on what is no problem": (policy("retry=Retry(on=(ValueError,))"), ["`retry.on` is a tuple"]),
    "a retry that hurries": (policy("retry=Retry(factor=0.5)"), ["waits less each time", "`factor` from 1"]),
    "a retry before its time": (policy("retry=Retry(first=-1)"), ["less than no time", "`first` and `most` from 0"]),
    "a unique that is none": (
        policy('unique="name"'),
        ["`unique` is no ports.background.Unique | None", "leave it out"],
    ),
    "a unique by one text": (policy('unique=Unique(by="name")'), ["a tuple of names", "write `by=('name',)`"]),
    "a unique by no argument": (
        policy('unique=Unique(by=("name", "nome"))'),
        ["names 'nome', which is no argument", "name one of name"],
    ),
    "a priority that is none": (policy('priority="high"'), ["`priority` is no int"]),
    "a priority beyond all others": (policy("priority=32768"), ["`priority` is 32768", "from -32767 to 32767"]),
    "a queue that is none": (policy("queue=None"), ["`queue` is no str"]),
    "a queue of two": (
        policy('queue="reports, other"'),
        ["`queue` is lower case words", "'reports, other'", "rename it"],
    ),
    "a queue without a name": (policy('queue=""'), ["`queue` is lower case words"]),
    "a concurrency of none": (policy("concurrency=0"), ["lets none of them run", "write 1 or more"]),
    "a concurrency of less": (policy("concurrency=-2"), ["lets none of them run"]),
    "what only reads, in the background": (
        policy("readonly=True, background=True, retry=Retry()"),
        ["what only reads is never in the background", "leave out background, retry"],
    ),
    "a secret in the background": (
        module("name: str = Arg(secret=True)", keywords='permission="test.run", background=True'),
        ["what is secret may be on no record", "leave out background"],
    ),
    "a secret output in the background": (policy("secret_output=True, queue='reports'"), ["leave out queue"]),
    "a syntax error": ("class DoIt(:\n", ["SyntaxError: invalid syntax", "line 1"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_one_sentence_with_its_module_and_mend(mistake: str, packed: Packed) -> None:
    source, said = MISTAKES[mistake]
    package = packed({"do_it": source})

    sentence = complaint(package)

    assert sentence.startswith(f"{package}.do_it")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    for part in said:
        assert part in sentence


def test_a_handler_without_a_mistake_is_found(packed: Packed) -> None:
    package = packed({"do_it": WELL.format(class_name="DoIt"), "do_that": WELL.format(class_name="DoThat")})

    found = dict(Registry.found_in(package, PORTS).public())

    assert [*found] == ["do_it", "do_that"]
    assert found["do_it"].requires == ("repo",)


def test_the_docstring_of_the_module_will_do(packed: Packed) -> None:
    package = packed({"do_it": '"""Do it well."""\n' + module(doc="")})

    handler = Registry.found_in(package, PORTS).find("do_it", internal=False)

    assert handler.__doc__ == "Do it well."


@pytest.mark.parametrize("name", ["Do_it", "_do_it", "do__it", "doIt"])
def test_a_module_whose_name_is_no_action_is_told_of(name: str, packed: Packed) -> None:
    package = packed({name: WELL.format(class_name="DoIt")})

    assert complaint(package).startswith(f"{package}.{name}: an action's name is lower case words")


def test_a_package_that_is_missing_is_told_of() -> None:
    assert complaint("nowhere_at_all").startswith("There is no package of handlers called 'nowhere_at_all'")
    assert "ACTIONBUS_HANDLERS" in complaint("nowhere_at_all")


def test_a_module_in_place_of_a_package_is_told_of() -> None:
    assert complaint("handlers.create_kit").startswith("handlers.create_kit is a module")


def test_a_package_that_fails_to_import_is_told_of(packed: Packed) -> None:
    package = packed({"__init__": "import nothing_of_this_name"})

    assert complaint(package).startswith(f"{package} cannot be imported (ModuleNotFoundError: No module named 'nothing")


@pytest.mark.parametrize("word", sorted({*dir(ActionHandler), *ActionHandler.__annotations__} - {"execution"}))
def test_no_word_of_the_contract_can_be_an_arguments_name(word: str, packed: Packed) -> None:
    package = packed({"do_it": module(f"arguments = {{{word!r}: Arg(str)}}")})

    assert "rename it" in complaint(package)


def said_by(package: str, folder: Path, *command: str) -> tuple[int, str, list[str]]:
    """The exit code of a real command, its output and the lines that it wrote on standard error."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder),
        "ACTIONBUS_HANDLERS": package,
        "ACTIONBUS_SIGNING_KEY": "k" * 40,
        "ACTIONBUS_DATA": str(folder / "data"),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    done = subprocess.run([COMMAND, *command], env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr.splitlines()


@pytest.mark.parametrize("mistake", ["a class of another name", "a misspelt policy", "a failure on import"])
@pytest.mark.parametrize("command", [["actions"], ["serve", "--port=0"], ["run", "do_it"], ["describe", "do_it"]])
def test_the_command_says_the_sentence_and_no_more(
    mistake: str, command: list[str], packed: Packed, tmp_path: Path
) -> None:
    package = packed({"do_it": MISTAKES[mistake][0]})

    assert said_by(package, tmp_path, *command) == (EX_CONFIG, "", [f"actionbus: {complaint(package)}"])
