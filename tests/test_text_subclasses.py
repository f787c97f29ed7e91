"""A key may be of a subclass of str, such as an enumeration's; no driver gets to see that."""

from __future__ import annotations

from django_user_options.validators import validate_key


class Named(str):
    """Text that gives itself out for another one."""

    __slots__ = ()

    __str__ = "other".__str__


def test_a_key_is_plain_text_whatever_it_was_given_as() -> None:
    key = validate_key(Named("a"))
    assert type(key) is str
    assert key == "a"
