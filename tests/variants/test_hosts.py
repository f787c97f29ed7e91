"""The package works in hosts that differ from the tests' own."""

from __future__ import annotations

import pytest

from tests.variants.runner import run_facts


@pytest.mark.parametrize(
    "host", ["named_application", "swapped_application", "uuid_user", "without_time_zones"]
)
def test_the_facts_hold_in_the_host(host: str) -> None:
    run_facts(host, "facts")


def test_the_facts_hold_in_a_host_whose_users_have_text_as_primary_key() -> None:
    run_facts("text_user", "facts", "facts_of_text_users")


def test_the_facts_hold_in_a_host_with_two_databases() -> None:
    run_facts("two_databases", "facts", "facts_of_two_databases")
