"""Which style sheets, and attributes that are read as style, are safe to keep in an SVG file."""

import re

from ports.files import FileRefused

# CSS's white space, no other; possessive, so that a long stretch of it costs no more than its length.
WHITE = r"[ \t\r\n]*+"
OUTSIDE = re.compile(
    rf"url{WHITE}\((?!{WHITE}[\"']?{WHITE}\#)|(?:image-set|cross-fade){WHITE}\(",
    re.IGNORECASE,
)
ACTIVE = re.compile(
    rf"@import|expression{WHITE}\(|(?:java|vb|live)script{WHITE}:|-moz-binding|behavior{WHITE}:"
    rf"|(?<![\w-])(?:image|src){WHITE}\(",
    re.IGNORECASE,
)
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)


def check_style(text: str) -> None:
    """Raise `FileRefused` for a style sheet or a `style` attribute that fetches or runs something, or may hide it."""
    if "\\" in text:
        raise FileRefused(reason="The SVG has a style with a backslash, which can hide what it says.")
    # A comment may hide an import from the reader, and a string that looks like a comment may hide it from us.
    for reading in (text, COMMENT.sub("", text)):
        if ACTIVE.search(reading) or OUTSIDE.search(reading):
            raise FileRefused(reason="The SVG has a style that runs something or refers to something outside itself.")


def check_references(value: str, *, presentational: bool) -> None:
    """Raise `FileRefused` for an attribute that refers, as a style would, to something outside the file.

    A `presentational` attribute may be read as style, so that a backslash can hide what it says.
    """
    for reading in (value, COMMENT.sub("", value)):
        if OUTSIDE.search(reading) or (presentational and "\\" in reading and "(" in reading):
            raise FileRefused(reason="The SVG refers to something outside itself.")
