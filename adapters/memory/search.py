"""Search in memory."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from adapters.memory.store import MemoryStore
from adapters.words.folding import folded, words_of
from adapters.words.parts import parts_of
from adapters.words.place import NAME_LETTERS, Place, question_of
from adapters.words.sought import Sought
from ports.library import Asset, Kit, Member
from ports.search import COUNTED, KINDS, MAX_FACET, Count, Facet, Hit, Hits, Kind, Sort, Suggestion, Wanted
from ports.sight import for_strangers
from ports.tags import Tag, Tagging
from ports.uuid7 import first_of

Thing: TypeAlias = Asset | Kit
Scored: TypeAlias = tuple[int, Thing]


class MemorySearch:
    """Looks at everything whenever it is asked."""

    def __init__(self, store: MemoryStore, actor: str = "tester") -> None:
        self._store, self._actor = store, actor

    async def search(
        self,
        wanted: Wanted,
        /,
        *,
        sort: Sort = "best",
        limit: int,
        cursor: str | None = None,
        facets: Sequence[Facet] = (),
    ) -> Hits:
        """See `SearchIndex`."""
        sought = None if wanted.text is None else Sought.of(wanted.text)
        behind = Place.told_by(cursor, wanted=wanted, sort=sort) if cursor else None
        found, forgiven = self._found(wanted, sought, behind)
        question = question_of(wanted)
        placed = sorted((_key(sort)(each), each) for each in (_placed(question, sort, one, forgiven) for one in found))
        rest = [place for key, place in placed if behind is None or key > _key(sort)(behind)]
        page = rest[:limit]
        named = {thing.id: thing.name for _, thing in found}
        return Hits(
            hits=[Hit(id=each.id, parts=parts_of(named[each.id], sought, forgiving=forgiven)) for each in page],
            total=min(len(found), COUNTED),
            facets={facet: self._counts(facet, [thing for _, thing in found]) for facet in facets},
            forgiven=forgiven,
            next_cursor=page[-1].cursor() if len(rest) > limit else None,
        )

    async def suggest(
        self, text: str, /, *, limit: int, space_id: UUID | None = None, kinds: Sequence[Kind] = KINDS
    ) -> list[Suggestion]:
        """See `SearchIndex`."""
        sought, beginning, named = Sought.of(text), folded(text), dict[tuple[bool, str], tuple[Kind, Thing]]()
        for kind in sorted(kinds, reverse=True):  # of the same name, a kit
            for thing in self._visible(Wanted(kind=kind, space_id=space_id)):
                name = folded(thing.name)
                if sought.score(name.split()) is not None:
                    named.setdefault((not name.startswith(beginning), name), (kind, thing))
        return [
            Suggestion(kind=kind, id=thing.id, parts=parts_of(thing.name, sought))
            for _, (kind, thing) in sorted(named.items(), key=lambda each: each[0])[:limit]
        ]

    def _found(self, wanted: Wanted, sought: Sought | None, behind: Place | None) -> tuple[list[Scored], bool]:
        things = [*self._visible(wanted)]
        if sought is None:
            return [(0, thing) for thing in things], False
        for forgiving in (False, True) if behind is None else (behind.forgiven,):
            scored = [(sought.score(words_of(thing.name), forgiving=forgiving), thing) for thing in things]
            if found := [(score, thing) for score, thing in scored if score is not None]:
                return found, forgiving
        return [], False

    def _visible(self, wanted: Wanted) -> Iterator[Thing]:
        spaces = {each.space_id for each in self._store.of(Member).values() if each.actor == self._actor}
        kits = {kit.id: kit for kit in self._store.of(Kit).values() if kit.archived_at is None}
        seen = {kit.id for kit in kits.values() if kit.space_id in spaces or kit.is_open}
        if wanted.kind == "kit":
            yield from (kits[each] for each in sorted(seen) if _fits(kits[each], wanted))
            return
        tagged = self._tagged(wanted.tag)
        for asset in sorted(self._store.of(Asset).values(), key=lambda each: each.id):
            shown = asset if asset.space_id in spaces else for_strangers(asset)
            is_seen = asset.removed_at is None and asset.kit_id in seen
            if is_seen and (wanted.tag is None or asset.id in tagged) and _fits(shown, wanted):
                yield shown

    def _tagged(self, name: str | None) -> set[UUID]:
        tags = {tag.id for tag in self._store.of(Tag).values() if tag.name == name}
        return {each.asset_id for each in self._store.of(Tagging).values() if each.tag_id in tags}

    def _counts(self, facet: Facet, things: Sequence[Thing]) -> list[Count]:
        counts = Counter(value for thing in things for value in self._values(facet, thing) if value is not None)
        first = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MAX_FACET]
        return [Count(value=value, count=count) for value, count in first]

    def _values(self, facet: Facet, thing: Thing) -> list[str | None]:
        if facet == "tag":
            tags = {each.tag_id for each in self._store.of(Tagging).values() if each.asset_id == thing.id}
            return [self._store.of(Tag)[tag_id].name for tag_id in tags]
        name = f"{facet}_id" if facet in ("space", "kit", "section") else facet
        value = getattr(thing, name, None)
        return [None if value is None else str(value)]


def _fits(thing: Thing, wanted: Wanted) -> bool:
    equal: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in ("space_id", "kit_id", "section_id", "media_type", "added_by")
        if getattr(wanted, name) is not None and (wanted.kind == "asset" or name == "space_id")
    }
    since = wanted.since is None or thing.id >= first_of(wanted.since)
    in_time = since and (wanted.until is None or thing.id < first_of(wanted.until))
    return in_time and all(getattr(thing, name) == value for name, value in equal.items())


def _placed(question: str, sort: Sort, scored: Scored, forgiven: bool) -> Place:  # noqa: FBT001 - said by its name
    score, thing = scored
    name = folded(thing.name)
    return Place(
        sort=sort,
        question=question,
        forgiven=forgiven,
        score=score,
        words=len(name.split()),
        name=name[:NAME_LETTERS],
        id=thing.id,
    )


def _key(sort: Sort) -> Callable[[Place], tuple[Any, ...]]:
    match sort:
        case "best":
            return lambda place: (-place.score, place.words, place.name, place.id)
        case "name":
            return lambda place: (place.name, place.id)
        case "newest":
            return lambda place: (-place.id.int,)
