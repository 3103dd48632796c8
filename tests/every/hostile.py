"""Values that mean harm, or that only somebody else's mistake would send: as text, and as JSON, well-formed or not."""

from collections.abc import Iterator
from urllib.parse import quote_from_bytes

from pydantic_core import to_json

MEBIBYTE = 2**20
LEVELS = 200

TEXTS = (
    "", " ", "\t\n", "\0", "a\0b", "\x7f", "\uffff", "\ufeff",
    "\u202eevil\u202c", "\u200b", "a\u200db", "\u2066\u2069", "שלום עולם", "e\u0301" * 40, "\U0001d54f" * 80, "ß" * 81,
    "\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\x9b31m", "a\r\nSet-Cookie: a=b", "\u2028", "a\u2029b",
    "&|!():*<->", "a:*&!b", "'\\", "((([", ".*+?[^", "%_%", "a b c " * 60,
    "../../etc/passwd", "file:///etc/passwd", "@/etc/passwd", "%s%n", "%00", "{{7*7}}", "${7*7}", "';drop table kits",
    "<script>alert(1)</script>", "null", "true", "NaN", "-Infinity", "1e400", "-1", "0", "٣", "1_000", "0x10", " 5 ",
    "9" * 5000, str(2**63), str(-(2**63) - 1), "[]", "{}", '{"a":1,"a":2}', "[" * LEVELS + "]" * LEVELS, "[" * 9000,
    '["a"]', "__class__", "constructor", "00000000-0000-0000-0000-000000000000", "{00000000000000000000000000000000}",
    "urn:uuid:00000000-0000-0000-0000-000000000000", "9999-12-31T23:59:60Z", "x" * 60_000,
)  # fmt: skip
FROM_SHELLS = (*TEXTS, "\udcff", "a\udcfe\udcff", "\udced\udca0\udc80", "\ud800")  # bytes that are no UTF-8 come so

JSON = (
    *(to_json(text) for text in TEXTS),
    b"null", b"true", b"[]", b"{}", b"-0", b"-0.0", b"1.0", b"1.5", b"1e2", b"1E400", b"-1e400", b"1e-400",
    b"NaN", b"Infinity", b"-Infinity", b"9" * 5000, b"9223372036854775808", b"-9223372036854775809", b"1" + b"0" * 20,
    b'{"a":1,"a":2}', b'{"__proto__":{}}', b'{"":""}', b'["a","a"]', b"[null]", b"[[[]]]", b'[{"a":[1]}]',
    b"[" * LEVELS + b"]" * LEVELS, b'{"a":' * LEVELS + b"1" + b"}" * LEVELS, b"[" * 100_000,
    b"[" + b"0," * 30_000 + b"0]", b"[" + rb'"\u0000",' * 2_000 + b'"a"]',
    rb'"\ud800"', rb'"\udc00\ud800"', rb'"\ud800\u0041"', rb'"\u0000"', rb'"a\u0000"', rb'["\ud800"]', rb'"\x41"',
    b'"\xff\xfe"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\xf4\x90\x80\x80"', b'"a\nb"', b'"open',
    b"", b"01", b"+1", b".5", b"1.", b"0x10", b"'a'", b"a", b"1,", b"1}", b"1 2", b"/**/1", b"tru",
    b"\xef\xbb\xbf1", b"\0",
)  # fmt: skip

QUERIES = (
    *(quote_from_bytes(text.encode()).encode() for text in TEXTS),
    b"%FF", b"%ED%A0%80", b"%C0%80", b"%F4%90%80%80", b"%", b"%zz", b"%u0041", b"%0", b"+", b"\xff\xfe",
    b"a;b", b"a#b", b"=", b"%26",
)  # fmt: skip

UNKNOWN = (
    b"%00=", b"%ED%A0%80=%ED%A0%80", b"%F0%9F%92%A9=1", b"=", b"__class__=a", b"x" * 60_000, b"%", b"\xff=1", b"&&&",
    b"&".join(b"%d=1" % number for number in range(5_000)),
)  # fmt: skip

WHOLE = (
    b"", b" ", b"null", b"[]", b'"a"', b"1", b"NaN", b"{", b"{}}", b'{"a"}', b"{,}", b"a=b&c=d", b"\x1f\x8b\x08\0",
    b"\0" * 99,
)  # fmt: skip
NAMES = (
    b"", rb"\u0000", rb"\ud800", b"x" * 100_000, b"__class__", b"execution", b"self", b"\xff", rb"a/b~c\u202e",
)  # fmt: skip

MANY = b"{" + b",".join(b'"%d":1' % number for number in range(30_000))


def bodies(arguments: bytes) -> Iterator[bytes]:
    """Bodies that are wrong as a whole, most of them made from a right one, the object of `arguments`."""
    yield from WHOLE
    yield b"[" * LEVELS + arguments + b"]" * LEVELS
    yield from (b"\xef\xbb\xbf" + arguments, arguments + b"{}", arguments.decode().encode("utf-16"), arguments[:-1])
    rest = arguments[1:] if arguments == b"{}" else b"," + arguments[1:]
    yield from (b'{"' + name + b'":1' + rest for name in NAMES)
    yield MANY + rest
    yield b'{"twice":1,"twice":1' + rest
    yield arguments[:-1] + rest
