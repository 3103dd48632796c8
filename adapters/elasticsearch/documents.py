"""A row as the document that it is found by."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from adapters.elasticsearch.cluster import Write
from adapters.words.folding import folded
from adapters.words.forms import shortened, stem
from adapters.words.place import NAME_LETTERS
from adapters.words.sought import MAX_LETTERS


def document_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document of a row: the same for the same row, so that it can be compared."""
    name = folded(row["name"])
    words = name.split()
    once = {word[:MAX_LETTERS] for word in words}
    document = {
        "id": str(row["id"]),
        "kind": row["kind"],
        "name": name,
        "order": name[:NAME_LETTERS],
        "words": sorted(once),
        "stems": sorted({stem(word) for word in once}),
        "near": sorted({near for word in once for near in shortened(word)}),
        "word_count": len(words),
        "space_id": str(row["space_id"]),
        "open": row["open"],
    }
    if row["kind"] == "asset":
        document |= {
            "kit_id": str(row["kit_id"]),
            "section_id": str(row["section_id"]),
            "tags": sorted(row["tags"]),
            "media_type": row["media_type"],
            "added_by": row["added_by"],
        }
    return document


def writes_of(version: int, ids: Sequence[UUID], rows: Mapping[UUID, Mapping[str, Any]]) -> Sequence[Write]:
    """Return what is to be written of these: the document of each that has a row, the removal of the others."""
    bodies = {one: document_of(rows[one]) if one in rows else None for one in ids}
    return [Write(id=str(one), version=version, body=body) for one, body in bodies.items()]
