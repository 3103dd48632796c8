"""Open a kit by a link."""

from dataclasses import dataclass, replace

from ports.action import ActionHandler, Arg
from ports.cursor import InvalidCursor
from ports.entity import Page
from ports.library import Asset, Kit, Section
from ports.repo import MAX_PAGE, Repo, every
from ports.sharing import LinkNotValid, share_of
from ports.sight import for_strangers


@dataclass(frozen=True, kw_only=True)
class SharedKit:
    """A kit, its sections in their order, and a page of its assets, without the trash."""

    kit: Kit
    sections: list[Section]
    assets: Page[Asset]


class OpenShare(ActionHandler, permission="share.open", readonly=True, problems=(LinkNotValid, InvalidCursor)):
    """Read the kit that your link is for, its sections and its assets, oldest first.

    The token of the link is all the credentials that you need: `Authorization: Bearer <token>`. With it you may also
    have the files of these assets (`GET /files/<sha256>`), and nothing else.
    """

    repo: Repo

    limit: int = Arg(default=50, ge=1, le=MAX_PAGE, description="Assets in a page, at most.")
    cursor: str | None = Arg(default=None, max_length=100, description="The `next_cursor` of the page before.")

    async def execute(self) -> SharedKit:
        share = await share_of(self.repo, self.execution.caller, at=self.execution.at)
        if share is None:
            raise LinkNotValid
        kit = await self.repo.get(Kit, share.kit_id)
        if kit.archived_at is not None:
            raise LinkNotValid
        sections = [section async for section in every(self.repo, Section, kit_id=kit.id)]
        page = await self.repo.find(Asset, kit_id=kit.id, removed_at=None, limit=self.limit, cursor=self.cursor)
        return SharedKit(
            kit=kit,
            sections=sorted(sections, key=lambda section: section.position),
            assets=replace(page, items=[for_strangers(asset) for asset in page.items]),
        )
