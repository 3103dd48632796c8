import pkgutil
from pathlib import Path

import handlers


def test_every_handler_has_its_tests() -> None:
    actions = {module.name for module in pkgutil.iter_modules(handlers.__path__)}

    tested = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}

    assert actions - tested == set()
    assert tested - actions == {"every_handler"}
