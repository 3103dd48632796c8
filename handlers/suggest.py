"""Suggest names while somebody types."""

from dataclasses import dataclass
from uuid import UUID

from ports.action import ActionHandler, Arg
from ports.checkpoint import Checkpoint
from ports.library import Asset, Kit
from ports.repo import Repo
from ports.search import KINDS, MAX_TEXT, NoWords, SearchIndex, SearchUnavailable, Suggestion, TooManyWords
from ports.sight import Sight


@dataclass(frozen=True, kw_only=True)
class Suggestions:
    """Different names of kits and assets, those that begin with the text first."""

    items: list[Suggestion]


class Suggest(
    ActionHandler, permission="asset.read", readonly=True, problems=(NoWords, TooManyWords, SearchUnavailable)
):
    """Suggest names of kits and assets that have the words typed so far, the last one as a beginning.

    They are of your spaces and of public kits, the trash and archived kits left out. Names of kits need the scope
    `kit.read` besides.
    """

    repo: Repo
    checkpoint: Checkpoint
    search: SearchIndex

    text: str = Arg(max_length=MAX_TEXT, description="What is typed so far.", examples=["arr"])
    space_id: UUID | None = Arg(default=None, description="Only of this space.")
    limit: int = Arg(default=10, ge=1, le=20, description="Names, at most.")

    async def execute(self) -> Suggestions:
        kinds = [kind for kind in KINDS if self.execution.caller.may(f"{kind}.read")]
        found = await self.search.suggest(self.text, limit=self.limit, space_id=self.space_id, kinds=kinds)
        sight = Sight(self.repo, self.checkpoint, permission=self.permission)
        seen: dict[UUID, Asset | Kit] = {
            **await sight.assets([each.id for each in found if each.kind == "asset"]),
            **await sight.kits([each.id for each in found if each.kind == "kit"]),
        }
        return Suggestions(items=[each for each in found if each.id in seen])
