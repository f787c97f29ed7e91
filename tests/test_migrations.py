"""The migrations are complete and run in both directions."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from django_user_options.models import AppOption, AppUserOption, InboundWebhook

TABLES = {model._meta.db_table for model in (AppOption, AppUserOption, InboundWebhook)}


def migrate(*target: str) -> set[str]:
    """Migrate to the target, or all the way, and return which of our tables exist then."""
    call_command("migrate", "django_user_options", *target, verbosity=0)
    return TABLES.intersection(connection.introspection.table_names())


@pytest.mark.database
@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_the_migrations_run_backwards_and_forwards() -> None:
    try:
        assert migrate("zero") == set()
    finally:
        assert migrate() == TABLES
    call_command("migrate", check_unapplied=True, verbosity=0)


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "columns"),
    [(AppUserOption, ["application_id", "user_id", "key"]), (AppOption, ["application_id", "key"])],
)
def test_a_table_of_options_is_unique_by_its_owner_and_key_alone(
    model: type[AppUserOption], columns: list[str]
) -> None:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, model._meta.db_table)
    unique = [
        constraint["columns"]
        for constraint in constraints.values()
        if constraint["unique"] and not constraint["primary_key"]
    ]
    assert unique == [columns]
