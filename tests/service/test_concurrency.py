"""Fifty at once on one kit: what stays true whoever wins. `ROUNDS=200` repeats it as often."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from uuid import UUID

from sqlalchemy import text

from ports.action import Caller
from ports.library import Asset, Kit, Section, Space
from service.composition import Service
from service.outcome import Outcome
from service.runner import ActionRunner

ROUNDS = int(os.environ.get("ROUNDS", "4"))
AT_ONCE = 50
SECTIONS, ASSETS = 5, 10
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
LOSSES = {
    "entity_not_found", "section_name_taken", "asset_name_taken", "version_mismatch", "asset_removed",
    "asset_not_removed", "section_gone", "target_missing",
}  # fmt: skip


async def svg() -> AsyncIterator[bytes]:
    yield SVG


class Crowd:
    """A kit, and many who do something to it at the same time."""

    def __init__(self, service: Service, random: Random) -> None:
        self.service, self.random = service, random
        self.runner = ActionRunner(service, Caller(actor="owner"))
        self.sections: list[UUID] = []
        self.assets: list[UUID] = []

    async def prepare(self) -> None:
        space = await self.runner.execute("create_space", {"name": f"Space {self.random.random()}"}, returns=Space)
        self.kit = await self.runner.execute("create_kit", {"space_id": space.id, "name": "Kit"}, returns=Kit)
        file = await self.service.files.add(svg())
        await self.runner.execute("record_upload", vars(file))
        for number in range(SECTIONS):
            section = await self.run("add_section", kit_id=self.kit.id, name=f"Section {number}")
            assert isinstance(section.output, Section)
            self.sections.append(section.output.id)
            for asset in range(ASSETS):
                added = await self.run(
                    "add_asset", section_id=section.output.id, name=f"Asset {asset}", file=file.sha256
                )
                assert isinstance(added.output, Asset)
                self.assets.append(added.output.id)

    async def run(self, action: str, **arguments: object) -> Outcome:
        return await self.runner.run(action, arguments)

    async def anything(self) -> Outcome:
        section, other = self.random.choice(self.sections), self.random.choice(self.sections)
        asset, number = self.random.choice(self.assets), self.random.randrange(8)
        asked: list[tuple[str, dict[str, object]]] = [
            ("add_section", {"kit_id": self.kit.id, "name": f"Section {number}"}),
            ("move_section", {"section_id": section, "position": number}),
            ("move_section", {"section_id": section, "position": 0}),
            ("rename_section", {"section_id": section, "name": f"Section {number}", "expected_version": 1}),
            ("remove_section", {"section_id": section, "assets": "move", "to_section_id": other}),
            ("rename_asset", {"asset_id": asset, "name": f"Asset {number}", "expected_version": 1}),
            ("move_asset", {"asset_id": asset, "section_id": other}),
            ("remove_asset", {"asset_id": asset}),
            ("restore_asset", {"asset_id": asset}),
        ]
        action, arguments = self.random.choice(asked)
        return await self.run(action, **arguments)

    async def truths(self) -> None:
        async with self.service.engine.connect() as connection:
            kit = {"kit": self.kit.id}
            places = await connection.scalars(
                text("select position from sections where kit_id = :kit order by position"), kit
            )
            found = list(places)
            assert found == list(range(len(found)))
            twice = await connection.scalars(
                text(
                    "select name from assets where kit_id = :kit and removed_at is null"
                    " group by section_id, name having count(*) > 1"
                ),
                kit,
            )
            assert list(twice) == []


async def test_positions_stay_dense_names_unique_and_every_loser_is_told_why(service: Service) -> None:
    codes: Counter[str] = Counter()
    for number in range(ROUNDS):
        crowd = Crowd(service, Random(number))
        await crowd.prepare()
        outcomes = await asyncio.gather(*(crowd.anything() for _ in range(AT_ONCE)))
        codes.update(outcome.problem.code if outcome.problem else "succeeded" for outcome in outcomes)
        await crowd.truths()

    assert codes["succeeded"] > ROUNDS
    assert codes.keys() <= LOSSES | {"succeeded"}, codes
