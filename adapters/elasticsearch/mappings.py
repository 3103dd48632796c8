"""What the index holds of a document: fields that are written as they are to be found, so that no analyser decides.

`name` is the folded name, `order` the beginning by which it is put in order, `words` are its words, `stems` their
stems, and `near` what else they share with words that differ by a letter. It is `open` if everybody may see its kit.
"""

from collections.abc import Mapping
from typing import Any

KEYWORD: Mapping[str, Any] = {"type": "keyword"}
# Words and stems are made here, by the same code on every engine: what is found, and in which order, is the same.
MAPPINGS: Mapping[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "id": KEYWORD,
        "kind": KEYWORD,
        "name": KEYWORD,
        "order": KEYWORD,
        "words": KEYWORD,
        "stems": KEYWORD,
        "near": KEYWORD,
        "word_count": {"type": "integer"},
        "space_id": KEYWORD,
        "kit_id": KEYWORD,
        "section_id": KEYWORD,
        "tags": KEYWORD,
        "media_type": KEYWORD,
        "added_by": KEYWORD,
        "open": {"type": "boolean"},
    },
}
# A document that was removed is remembered for as long as a write of before may still be on its way.
SETTINGS: Mapping[str, Any] = {"index": {"gc_deletes": "1h", "refresh_interval": "500ms", "number_of_shards": 1}}
