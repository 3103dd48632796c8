"""The demo: a kit of the 1,288 Heroicons, imported by the actions that every caller has."""

import asyncio
import os
import shlex
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import click

from ports.action import Caller
from ports.entity import Page
from ports.files import File
from ports.library import Kit, KitNameTaken, Space, SpaceNameTaken
from service.composition import Service
from service.keys import LOCAL_OWNER
from service.runner import ActionRunner
from service.settings import Misconfigured

NAME, KIT = "Demo", "Heroicons"
TRY = """
Try:
  export TOKEN="$({actionbus} token)"
  curl -s -H "Authorization: Bearer $TOKEN" {address}/actions
  curl -s -H "Authorization: Bearer $TOKEN" "{address}/actions/get_kit?kit_id={kit_id}"
  curl -s -H "Authorization: Bearer $TOKEN" "{address}/actions/list_assets?kit_id={kit_id}&limit=3"
  {actionbus} run create_kit --space_id={space_id} --name=Mine
Ctrl-C ends it.
"""


async def import_icons(service: Service, address: str) -> None:
    """Make the demo's space and kit unless they are there, import the icons, and say what to try."""
    runner = ActionRunner(service, Caller(actor=LOCAL_OWNER, entry_point="cli"))
    space = await _space(runner)
    kit = await _kit(runner, space)
    archive = await _upload(runner, _icons())
    click.echo(f"Importing the icons of {archive.size:,} bytes into the kit {kit.name!r} by import_assets ...")
    report = await runner.execute("import_assets", {"kit_id": kit.id, "archive": archive.sha256})
    contents = await runner.execute("get_kit", {"kit_id": kit.id})
    click.echo(
        f"{report.assets_added:,} assets added, {sum(report.skipped.values()):,} there already: the kit has "
        f"{len(contents.sections)} sections and {contents.asset_count:,} assets."
    )
    called = shlex.quote(sys.argv[0])  # make runs it from .venv, which is on nobody's PATH
    if "data" in service.settings.model_fields_set and "ACTIONBUS_DATA" not in os.environ:
        called = f"ACTIONBUS_DATA={shlex.quote(str(service.settings.data))} {called}"
    click.echo(TRY.format(address=address, actionbus=called, kit_id=kit.id, space_id=space.id))


async def _space(runner: ActionRunner) -> Space:
    try:
        return await runner.execute("create_space", {"name": NAME}, returns=Space)
    except SpaceNameTaken:
        spaces: Page[Space] = await runner.execute("list_spaces", {"limit": 200})
        return next(space for space in spaces.items if space.name == NAME)


async def _kit(runner: ActionRunner, space: Space) -> Kit:
    try:
        return await runner.execute("create_kit", {"space_id": space.id, "name": KIT}, returns=Kit)
    except KitNameTaken:
        for archived in (False, True):
            asked = {"space_id": space.id, "limit": 200, "archived": archived}
            kits: Page[Kit] = await runner.execute("list_kits", asked)
            for kit in kits.items:
                if kit.name == KIT:
                    return await runner.execute("restore_kit", {"kit_id": kit.id}, returns=Kit) if archived else kit
        raise


async def _upload(runner: ActionRunner, path: Path) -> File:
    async def chunks() -> AsyncIterator[bytes]:
        yield await asyncio.to_thread(path.read_bytes)

    file = await runner.service.files.add(chunks())
    return await runner.execute("record_upload", vars(file), returns=File)


def _icons() -> Path:
    found = find_spec("heroicons")
    if found is None or found.origin is None:
        raise Misconfigured("The demo needs the icons: `pip install 'actionbus[demo]'`.")
    return Path(found.origin).parent / "heroicons.zip"
