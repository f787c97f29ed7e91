"""The checks look at the databases that keep the options, and at nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections
from oauth2_provider.models import get_access_token_model, get_application_model

from django_user_options.models import AppOption, AppUserOption, InboundWebhook
from tests.checks.messages import ids
from tests.variants.routers import AccountsElsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Django's own checks ask the database what it supports.
pytestmark = pytest.mark.django_db
WAL = "PRAGMA journal_mode=WAL"
# An engine that keeps connections, as a file's does not.
ON_A_SERVER = connection.vendor != "sqlite"
ON_MYSQL = connection.vendor == "mysql"


@pytest.fixture
def keep_in_a_file(
    django_db_blocker: Any, settings: Any, tmp_path: Path
) -> Iterator[Callable[..., None]]:
    """Let the project keep everything in a SQLite file, with these `OPTIONS`."""

    def keep(**options: str) -> None:
        file = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": tmp_path / "options.sqlite3",
            "OPTIONS": options,
        }
        given = {"default": settings.DATABASES["default"], "other": file}
        connections.databases["other"] = connections.configure_settings(given)["other"]
        settings.DATABASE_ROUTERS = [AccountsElsewhere()]

    with django_db_blocker.unblock():
        yield keep
        connections["other"].close()
    del connections["other"], connections.databases["other"]


def test_w003_a_file_without_write_ahead(keep_in_a_file: Callable[..., None]) -> None:
    keep_in_a_file(transaction_mode="IMMEDIATE")
    assert ids(databases=["other"]) == ["W003"]
    assert ids() == []
    with connections["other"].cursor() as cursor:
        cursor.execute(WAL)
    connections["other"].close()
    assert ids(databases=["other"]) == []


def test_w003_is_silent_of_the_database_of_a_test_run(
    keep_in_a_file: Callable[..., None],
) -> None:
    keep_in_a_file(transaction_mode="IMMEDIATE")
    file = connections["other"].settings_dict
    file["TEST"]["NAME"] = file["NAME"]
    assert ids(databases=["other"]) == []


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("", ["W004"]), ("DEFERRED", ["W004"]), ("immediate", []), ("EXCLUSIVE", [])],
)
def test_w004_deferred_transactions(
    keep_in_a_file: Callable[..., None], mode: str, expected: list[str]
) -> None:
    keep_in_a_file(init_command=WAL, **({"transaction_mode": mode} if mode else {}))
    assert ids(databases=["other"]) == expected


@pytest.mark.database
@pytest.mark.parametrize(
    "kept", [{"CONN_MAX_AGE": 60}, {"CONN_MAX_AGE": None}, {"OPTIONS": {"pool": True}}], ids=repr
)
def test_w005_connections_kept_without_health_checks(
    monkeypatch: pytest.MonkeyPatch, kept: dict[str, Any]
) -> None:
    for name, value in kept.items():
        monkeypatch.setitem(connection.settings_dict, name, value)
    assert ids() == ["W005"] * ON_A_SERVER
    monkeypatch.setitem(connection.settings_dict, "CONN_HEALTH_CHECKS", value=True)
    assert ids() == []


@pytest.mark.database
def test_the_tests_database_passes() -> None:
    assert ids(databases=["default"]) == []


@pytest.fixture
def folding_collations(transactional_db: None) -> Iterator[None]:
    """Give a key and a value the collation that a careless conversion of a table gives them."""
    columns = [(AppUserOption, "key"), (AppOption, "value")]
    for model, column in columns * ON_MYSQL:
        _collate(model, column, "utf8mb4_general_ci")
    yield
    for model, column in columns * ON_MYSQL:
        _collate(model, column, "utf8mb4_nopad_bin")


def _collate(model: Any, column: str, collation: str) -> None:
    kind = model._meta.get_field(column).db_type(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE {model._meta.db_table}"
            f" MODIFY `{column}` {kind} COLLATE {collation} NOT NULL"
        )


@pytest.mark.database
@pytest.mark.usefixtures("folding_collations")
def test_e008_collations_that_treat_different_keys_as_equal() -> None:
    assert ids(databases=["default"]) == ["E008", "E008"] * ON_MYSQL
    assert ids() == []


def test_e010_autocommit_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "AUTOCOMMIT", value=False)
    assert ids() == ["E010"]


@pytest.fixture
def table_without_transactions(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE careless (id integer){' ENGINE=MyISAM' * ON_MYSQL}")
        with monkeypatch.context() as patched:
            patched.setattr(AppOption._meta, "db_table", "careless")
            yield
        cursor.execute("DROP TABLE careless")


@pytest.mark.database
@pytest.mark.usefixtures("table_without_transactions")
def test_e011_a_table_without_transactions() -> None:
    assert ids(databases=["default"]) == ["E011"] * ON_MYSQL
    assert ids() == []


@pytest.fixture
def connection_of_few_characters(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET NAMES utf8mb3" if ON_MYSQL else "SELECT 1")
        yield
        cursor.execute("SET NAMES utf8mb4" if ON_MYSQL else "SELECT 1")


@pytest.mark.database
@pytest.mark.usefixtures("connection_of_few_characters")
def test_e012_a_connection_without_full_unicode() -> None:
    assert ids(databases=["default"]) == ["E012"] * ON_MYSQL
    assert ids() == []


class Sends:
    """Sends one model to another database than the rest."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "other" if model is self.model else "default"


@pytest.mark.parametrize(
    "model",
    [
        get_user_model(),
        get_application_model(),
        get_access_token_model(),
        AppUserOption,
        InboundWebhook,
    ],
)
def test_e009_options_and_their_owners_in_different_databases(
    keep_in_a_file: Callable[..., None], settings: Any, model: Any
) -> None:
    keep_in_a_file(init_command=WAL, transaction_mode="IMMEDIATE")
    settings.DATABASE_ROUTERS = [Sends(model)]
    assert ids() == ["E009"]
