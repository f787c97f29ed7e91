"""The migrations are complete and run in both directions."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from django_user_options.models import AppOption, AppUserOption, InboundWebhook


def migrate(label: str, *target: str) -> set[str]:
    """Migrate an app to the target, or all the way, and return which tables it has then."""
    call_command("migrate", label, *target, verbosity=0)
    tables = {model._meta.db_table for model in apps.get_app_config(label).get_models()}
    return tables.intersection(connection.introspection.table_names())


@pytest.mark.database
@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("label", "tables"), [("django_user_options", 3), ("user_options_portal", 2)]
)
def test_the_migrations_run_backwards_and_forwards(label: str, tables: int) -> None:
    # The tables of the tests are made without migrations.
    call_command("migrate", fake=True, verbosity=0)
    try:
        assert migrate(label, "zero") == set()
    finally:
        assert len(migrate(label)) == tables
    call_command("migrate", check_unapplied=True, verbosity=0)


@pytest.mark.database
def test_servers_with_older_code_can_still_issue_webhooks(user: Any) -> None:
    """As during a deployment that replaces them one by one."""
    before = MigrationLoader(connection).project_state(
        ("django_user_options", "0003_webhook_scope_permission")
    )
    model = before.apps.get_model("django_user_options", "InboundWebhook")
    pk = model.objects.create(owner_id=user.pk, secret_digest="0" * 64).pk
    webhook = InboundWebhook.objects.get(pk=pk)
    assert (webhook.allowed_methods, webhook.allowed_networks) == ("", "")


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
