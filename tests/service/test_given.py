"""What is given to a command, as it is sent."""

import pytest

from service.given import Given


@pytest.mark.parametrize(
    ("json", "sent"),
    [
        (b'{"size": 1.00000000000000000000001}', b'{"size": 1.00000000000000000000001,"name":"x"}'),
        (b'{"sizes": [NaN, 1e400]} \n', b'{"sizes": [NaN, 1e400],"name":"x"}'),
        (b" {} ", b' {"name":"x"}'),
        (b"[1]", b"[1]"),
        (b"{", b"{"),
        (b"", b""),
    ],
)
def test_values_are_added_to_an_object_and_what_it_says_is_sent_as_it_is_written(json: bytes, sent: bytes) -> None:
    given = Given(texts={}, json=json)

    assert given.sent({"name": "x"}) == sent
    assert given.sent({}) == json


def test_without_json_the_values_are_sent() -> None:
    assert Given(texts={}).sent({"name": "x"}) == {"name": "x"}
