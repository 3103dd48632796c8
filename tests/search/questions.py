"""Forty questions that a designer asks of a library of icons, and what they hope to find first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from ports.search import Facet

QuestionKind = Literal[
    "exact", "prefix", "filter", "stem", "accent", "typing mistake", "synonym", "facet", "another's space"
]
# The icons are Ada's, each style a section; Carol added these two. They have tags by words of their names. Some are
# also in another kit of Ada's, and Bob keeps some in a space of his own, with others that nobody else has.
CAROLS = ("micro", "mini")
TAGS: Mapping[str, str] = MappingProxyType({"money": "currency", "alarm": "bell", "weather": "cloud"})
ADS = ("gift.svg", "heart.svg", "megaphone.svg", "star.svg")
BOBS = ("magnifying-glass.svg", "rocket-launch.svg", "rocket-zeppelin.svg", "star.svg", "zeppelin.svg")


@dataclass(frozen=True, kw_only=True)
class Question:
    """A text with filters by names, the name hoped for among the first three, and what is to be counted."""

    kind: QuestionKind
    text: str
    expected: str | None
    filters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    facets: Sequence[Facet] = ()

    @property
    def written(self) -> str:
        """The question as a page tells it."""
        return ", ".join([self.text, *(f"{name}: {value}" for name, value in self.filters.items())])


def _asked(kind: QuestionKind, text: str, expected: str | None, *facets: Facet, **filters: str) -> Question:
    return Question(kind=kind, text=text, expected=expected, facets=facets, filters=MappingProxyType(filters))


QUESTIONS = (
    _asked("exact", "magnifying glass", "magnifying-glass.svg"),
    _asked("exact", "arrow-up.svg", "arrow-up.svg"),
    _asked("exact", "TRASH", "trash.svg"),
    _asked("exact", "left arrow", "arrow-left.svg"),
    _asked("exact", "x mark", "x-mark.svg"),
    _asked("exact", "battery 50", "battery-50.svg"),
    _asked("prefix", "mag", "magnifying-glass.svg"),
    _asked("prefix", "cal", "calendar.svg"),
    _asked("prefix", "chevron d", "chevron-down.svg"),
    _asked("prefix", "shopping c", "shopping-cart.svg"),
    _asked("prefix", "env", "envelope.svg"),
    _asked("prefix", "light b", "light-bulb.svg"),
    _asked("filter", "heart", "heart.svg", section="solid"),
    _asked("filter", "bell", "bell.svg", tag="alarm"),
    _asked("filter", "euro", "currency-euro.svg", section="outline", tag="money"),
    _asked("filter", "cloud", "cloud.svg", added_by="carol"),
    _asked("filter", "star", "star.svg", kit="Ads"),
    _asked("filter", "folder", "folder.svg", media_type="image/svg+xml", section="mini"),
    _asked("stem", "arrows left", "arrow-left.svg"),
    _asked("stem", "clouds", "cloud.svg"),
    _asked("stem", "arrow pointing in", "arrows-pointing-in.svg"),
    _asked("stem", "sharing", "share.svg"),
    _asked("stem", "calculate", "calculator.svg"),
    _asked("stem", "magnifier", "magnifying-glass.svg"),
    _asked("accent", "crédit card", "credit-card.svg"),
    _asked("accent", "vidéo camera", "video-camera.svg"),
    _asked("accent", "MÉGAPHONE", "megaphone.svg"),
    _asked("typing mistake", "calender", "calendar.svg"),
    _asked("typing mistake", "magnifing glas", "magnifying-glass.svg"),
    _asked("typing mistake", "trahs", "trash.svg"),
    _asked("typing mistake", "enveloppe", "envelope.svg"),
    _asked("typing mistake", "microfone", "microphone.svg"),
    _asked("typing mistake", "exlamation triangle", "exclamation-triangle.svg"),
    _asked("typing mistake", "reciept percent", "receipt-percent.svg"),
    _asked("synonym", "gear", "cog.svg"),
    _asked("facet", "star", "star.svg", "section", "kit", "space"),
    _asked("facet", "bell", "bell.svg", "tag", "added_by", "media_type"),
    _asked("another's space", "zeppelin", None),
    _asked("another's space", "zepelin", None),
    _asked("another's space", "star", None, kit="Airships"),
)
