"""Whatever is stored comes back: properties over generated options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.contract.server import USER
from tests.contract.table import Call, assert_same

if TYPE_CHECKING:
    from tests.contract.server import Server

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
KEYS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**4000), 10**4000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
)
# In a bracket PHP has no `]`, and takes one space for an empty one. A key `0` would make a
# list, which is a row of its own.
FORM_KEYS = KEYS.filter(lambda key: "]" not in key and key not in {" ", "0"})
FORM_VALUES = st.recursive(
    TEXT,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4)
        | st.dictionaries(FORM_KEYS, inner, min_size=1, max_size=4)
    ),
)
profile = settings(
    settings.get_profile("contract"), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def set_and_get(server: Server, options: dict[str, Any], encoding: str) -> Any:
    server.clear(USER)
    answer = server.send(Call("user.option.set", {"options": options}, encoding=encoding))
    assert (answer.status, answer.json["result"]) == (200, True)
    return server.call("user.option.get")


@pytest.mark.database
@profile
@given(options=st.dictionaries(KEYS, VALUES, min_size=1, max_size=5))
def test_json_values_come_back_equal_with_their_types(
    server: Server, options: dict[str, Any]
) -> None:
    assert_same(set_and_get(server, options, "json"), options)


@profile
@given(
    encoding=st.sampled_from(["form", "multipart", "query"]),
    options=st.dictionaries(FORM_KEYS, FORM_VALUES, min_size=1, max_size=5),
)
@example(encoding="form", options={"  ": "two spaces", "\u00a0": {"\u2003": "other spaces"}})
def test_form_values_come_back_as_the_texts_sent(
    encoding: str, server: Server, options: dict[str, Any]
) -> None:
    assert_same(set_and_get(server, options, encoding), options)


@profile
@given(
    body=st.binary(max_size=200),
    content_type=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
)
def test_any_bytes_with_any_content_type_are_answered_in_the_envelope(
    server: Server, body: bytes, content_type: str
) -> None:
    answer = server.send(Call("profile", raw=body, headers={"Content-Type": content_type}))
    assert answer.status in (200, 400)
