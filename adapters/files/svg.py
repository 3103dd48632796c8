"""Which SVG files are safe to keep: those for which a browser would run nothing and fetch nothing.

The file is read once, as XML, by expat: no tree is built and no entity is expanded.
"""

import re
from typing import NoReturn
from xml.parsers import expat

from adapters.files.css import check_references, check_style
from ports.files import FileRefused

SVG = "http://www.w3.org/2000/svg"
XML = "http://www.w3.org/XML/1998/namespace"
ACTIVE_NAMESPACES = {"http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"}
ACTIVE_ELEMENTS = {"script", "foreignobject", "iframe", "embed", "object", "handler", "listener"}
EMBEDDING_ELEMENTS = {"image", "feImage"}
SOURCES = {"src", "srcset", "srcdoc", "data", "poster", "action", "formaction", "codebase", "background", "ping"}
PASSIVE_INSTRUCTIONS = {"xpacket"}
ENCODINGS = {"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "iso-8859-1"}

MAX_DEPTH = 200
MAX_ATTRIBUTES = 200
MAX_NAMESPACE_CHARACTERS = 200
MAX_ATTRIBUTE_CHARACTERS = 2 * 2**20

EMBEDDED_IMAGE = re.compile(r"\s*+data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*+", re.IGNORECASE)
UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]+")
SCRIPT_SCHEME = re.compile(r"(?:java|vb|live)script:", re.IGNORECASE)


def check_svg(data: bytes) -> None:
    """Raise `FileRefused`, with the reason, unless `data` is a well-formed SVG document that is safe to show.

    Metadata and elements of other vocabularies are left in peace; they are inert.
    """
    try:
        _Reader().read(data)
    except (expat.ExpatError, ValueError, LookupError):
        _refuse("is not well-formed XML")


def _refuse(what: str) -> NoReturn:
    raise FileRefused(reason=f"The SVG {what}.") from None


class _Reader:
    """One reading of one document."""

    def __init__(self) -> None:
        self._depth = 0
        self._style: list[str] | None = None
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartNamespaceDeclHandler = self._namespace
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def read(self, data: bytes) -> None:
        # In one piece: this expat reads a long token again from its start with every piece.
        self._parser.Parse(data, True)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in ENCODINGS:
            _refuse("is in an encoding other than UTF-8, UTF-16, US-ASCII and ISO-8859-1")

    def _doctype(self, _name: str, system: str | None, public: str | None, internal_subset: bool) -> None:  # noqa: FBT001 - expat's
        if internal_subset:
            _refuse("has a DOCTYPE with declarations of its own, where entities and event handlers hide")
        if system and not re.match(r"https?://www\.w3\.org/", system):
            _refuse("has a DOCTYPE of unknown origin")
        # Browsers know the entities of XHTML and MathML by these names, and expat would pass over them in silence.
        if public and not public.startswith("-//W3C//DTD SVG "):
            _refuse("has a DOCTYPE that is not of SVG")

    def _instruction(self, target: str, _text: str) -> None:
        if target not in PASSIVE_INSTRUCTIONS:
            _refuse("has a processing instruction")

    def _namespace(self, _prefix: str | None, uri: str | None) -> None:
        # expat writes the whole name out for every element that bears it.
        if uri and len(uri) > MAX_NAMESPACE_CHARACTERS:
            _refuse("has a namespace with too long a name")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        namespace, _, element = tag.rpartition(" ")
        if self._depth == 1 and (namespace, element) != (SVG, "svg"):
            _refuse("does not begin with an svg element of the SVG namespace")
        if self._depth > MAX_DEPTH or len(attributes) > MAX_ATTRIBUTES:
            _refuse("is nested too deeply, or has too many attributes in one element")
        if namespace in ACTIVE_NAMESPACES or element.lower() in ACTIVE_ELEMENTS:
            _refuse("holds an element that runs or embeds something: script, foreignObject, HTML or the like")
        if self._style is not None:
            _refuse("has an element inside a style element")
        if element.lower() == "style":
            self._style = []
        for name, value in attributes.items():
            _check_attribute(element if namespace == SVG else "", name, value)

    def _end(self, _tag: str) -> None:
        self._depth -= 1
        if self._style is not None:
            check_style("".join(self._style))
            self._style = None

    def _text(self, text: str) -> None:
        if self._style is not None:
            self._style.append(text)


def _check_attribute(element: str, name: str, value: str) -> None:
    namespace, _, local = name.rpartition(" ")
    local = local.lower()
    if len(value) > MAX_ATTRIBUTE_CHARACTERS:
        _refuse("has an attribute that is too long")
    if local.startswith("on"):
        _refuse("has an event handler")
    if namespace == XML and local == "base":
        _refuse("changes the base of its references")
    if local == "attributename" and _is_risky_to_animate(value):
        _refuse("animates a reference, a style or an event handler")
    if local == "href" or (local in SOURCES and element and not namespace):
        _check_reference(element, value)
    if SCRIPT_SCHEME.search(UNSEEN.sub("", value)):
        _refuse("has an attribute with a script in it")
    if local == "style":
        check_style(value)
    else:
        check_references(value, presentational=not namespace)


def _is_risky_to_animate(attribute: str) -> bool:
    name = UNSEEN.sub("", attribute).rpartition(":")[2].lower()
    return name.startswith("on") or name in SOURCES | {"href", "style", "base"}


def _check_reference(element: str, value: str) -> None:
    if value.strip(" \t\r\n").startswith("#"):
        return
    if element not in EMBEDDING_ELEMENTS or not EMBEDDED_IMAGE.fullmatch(value):
        _refuse("refers to something outside itself")
