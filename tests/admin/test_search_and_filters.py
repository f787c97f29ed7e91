"""Finding options: what is searched, what the filters keep, and how far either looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection, models
from django.utils import timezone
from oauth2_provider.models import get_application_model

from django_user_options.admin import base_admin, bounded_list
from django_user_options.models import AppUserOption, InboundWebhook, Overview
from django_user_options.owners import owners_like
from tests.admin.screens import WEBHOOKS, keep, listed, screen, statements, url

LIST = "/admin/django_user_options/appuseroption/"
VALUES = {
    "string": ["", "1", "null"],
    "number": [0, -1, 1e16],
    "boolean": [True, False],
    "null": [None],
    "list": [[], [{}]],
    "object": [{}, {"a": "["}],
}


def test_search_finds_keys_by_their_beginning_and_never_values(
    page: Any, kept: Any, model: Any
) -> None:
    kept(model, {"theme": 1, "theme.dark": 1, "my.theme": 1, "t%me": "needle"})
    kept(model, {" my key": 1})
    assert listed(page, model, q="theme") == ["theme.dark", "theme"]
    assert listed(page, model, q="t%") == ["t%me"]
    assert listed(page, model, q=" my k") == [" my key"]
    # Not every owner, although every name begins with nothing.
    assert listed(page, model, q=" ") == [" my key"]
    assert listed(page, model, q="needle") == listed(page, model, q='"needle') == []


def test_search_finds_applications_by_client_id_and_the_beginning_of_the_name(
    page: Any, model: Any, make_application: Any, user: Any
) -> None:
    keep(model, make_application(client_id="first", name="Notes"), user, {"a": 1})
    keep(model, make_application(client_id="second", name="Sales board"), user, {"b": 1})
    assert listed(page, model, q=" second ") == ["b"]
    assert listed(page, model, q="sec") == []
    assert listed(page, model, q="Sales") == ["b"]


def test_search_finds_users_as_the_projects_admin_of_users_does(
    page: Any, page_of_staff: Any, make_user: Any, application: Any
) -> None:
    names = {"email": "zoe@example.org", "first_name": "Zoe", "last_name": "Hopper"}
    keep(AppUserOption, application, make_user("marianne", **names), {"x": 1})
    keep(AppUserOption, application, make_user("bob"), {"y": 1})
    staff = page_of_staff("view_appuseroption")
    for term in ("anne", "example.org", "Hopper", "zoe hopp"):
        assert listed(page, AppUserOption, q=term) == ["x"]
        # An address or a name is only for those who may see it.
        assert listed(staff, AppUserOption, q=term) == (["x"] if term == "anne" else [])


def test_a_user_that_a_search_finds_twice_counts_once(
    page: Any, user: Any, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(AppUserOption, {"x": 1})
    for name in ("staff.a", "staff.b"):
        user.groups.create(name=name)
    users = admin.site.get_model_admin(type(user))
    monkeypatch.setattr(users, "search_fields", ("groups__name",))
    monkeypatch.setattr(base_admin, "OWNERS_FOUND", 1)
    assert listed(page, AppUserOption, q="staff") == ["x"]
    assert "match this name" not in page.get(LIST, {"q": "staff"}).text


def _collation() -> str:
    """Return a collation that ignores case; PostgreSQL has none yet."""
    if connection.vendor != "postgresql":
        return {"sqlite": "NOCASE", "mysql": "utf8mb4_general_ci"}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE COLLATION ignoring_case "
            "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
        )
    return "ignoring_case"


def _columns_of_texts() -> list[Any]:
    """Return every column of users and applications that a project may give a collation."""
    models_of_project = (get_user_model(), get_application_model())
    fields = [field for model in models_of_project for field in model._meta.concrete_fields]
    return [field for field in fields if isinstance(field, models.CharField | models.TextField)]


@pytest.fixture(params=["username", ""], ids=["username", "all"])
def collated(request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Columns whose collation ignores case, by which PostgreSQL compares no parts of texts."""
    collation = _collation()
    for field in _columns_of_texts():
        if request.param in ("", field.name):
            if connection.vendor == "postgresql":
                _collate(field, collation)
            monkeypatch.setattr(field, "db_collation", collation)
    return str(request.param)


def _collate(field: Any, collation: str) -> None:
    table, column = field.model._meta.db_table, field.column
    indexes = "SELECT indexname FROM pg_indexes WHERE indexdef LIKE %s"
    with connection.cursor() as cursor:
        # Django makes no such index for a column with a collation.
        cursor.execute(indexes, [f"%{table} %({column} varchar_pattern_ops)"])
        drops = [f"DROP INDEX {name}" for (name,) in cursor.fetchall()]
        collate = f'ALTER TABLE {table} ALTER {column} TYPE varchar COLLATE "{collation}"'
        cursor.execute("; ".join([*drops, collate]))


@pytest.mark.database
def test_columns_that_ignore_case_are_searched_too(
    collated: str, page: Any, make_application: Any, make_user: Any
) -> None:
    origin = "https://app.example"
    ann = make_user("Anna")
    application = make_application(name="Notes", client_id="First", allowed_origins=origin)
    keep(AppUserOption, application, ann, {"key": 1})
    InboundWebhook.objects.issue(owner=ann, application=application, title="Sync")
    for term in ("key", "Ann", "Notes", "First"):
        assert listed(page, AppUserOption, q=term) == ["key"]
    for term in ("Sync", "nna", "First"):
        assert "Sync" in screen(page, WEBHOOKS, q=term).text
    if collated == "username":
        assert listed(page, AppUserOption, q="aNN") == ["key"]
    assert listed(page, AppUserOption, q="nobody") == []
    assert "Anna" in screen(page, url(Overview, "changelist"), q="nna").text
    answer = page.get("/rest/profile", headers={"origin": origin})
    assert answer["Access-Control-Allow-Origin"] == origin


@pytest.mark.database
@pytest.mark.parametrize("lookup", ["startswith", "icontains"])
def test_usernames_may_be_of_any_type(user: Any, lookup: str) -> None:
    for name in ("id", "last_login", "is_staff"):
        assert list(owners_like(type(user), "nobody", **{name: lookup})) == []
    assert list(owners_like(type(user), str(user.pk), id=lookup)) == [user]


def test_client_ids_may_be_of_any_type(
    page: Any, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(AppUserOption, {"key": 1})
    field = get_application_model()._meta.get_field("client_id")
    monkeypatch.setattr(field, "to_python", models.UUIDField().to_python)
    assert listed(page, AppUserOption, q="key") == ["key"]


@pytest.mark.parametrize("address", [LIST, WEBHOOKS], ids=["options", "webhooks"])
def test_a_search_that_matches_too_many_owners_says_so(
    page: Any, application: Any, make_user: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(base_admin, "OWNERS_FOUND", 2)
    for number in range(3):
        someone = make_user(f"name{number}")
        keep(AppUserOption, application, someone, {"a": 1})
        InboundWebhook.objects.issue(owner=someone)
    response = page.get(address, {"q": "name"})
    assert "More than 2 applications or users" in response.text
    assert len(response.context["cl"].result_list) == 2


def test_the_list_filters_by_application_and_user(
    page: Any, make_application: Any, make_user: Any
) -> None:
    first, second = make_application(name="One"), make_application(name="Two")
    ann, bob = make_user("ann"), make_user("bob")
    for key, application, user in (("a", first, ann), ("b", second, ann), ("c", second, bob)):
        keep(AppUserOption, application, user, {key: 1})
    assert listed(page, AppUserOption, application=second.pk) == ["c", "b"]
    assert listed(page, AppUserOption, user=ann.pk) == ["b", "a"]
    assert listed(page, AppUserOption, application=second.pk, user=ann.pk) == ["b"]
    assert listed(page, AppUserOption, application="", user="") == ["c", "b", "a"]


def test_the_filters_keep_the_rest_of_the_address(page: Any, kept: Any, application: Any) -> None:
    kept(AppUserOption, {"a": 1})
    seen = screen(page, LIST, application=application.pk, type="number", q="a")
    assert [seen.fields[name]["value"] for name in ("type", "q")] == ["number", "a"]
    assert "selected" in seen.fields[str(application.pk)]
    assert seen.links["?q=a&type=number"] == "All"


@pytest.mark.database
def test_the_list_filters_by_value_type(page: Any, kept: Any, model: Any) -> None:
    named = {f"{name} {index}": item for name in VALUES for index, item in enumerate(VALUES[name])}
    kept(model, named)
    for kind in VALUES:
        assert {*listed(page, model, type=kind)} == {key for key in named if key.startswith(kind)}


def test_the_list_filters_by_the_last_change(page: Any, kept: Any) -> None:
    for days in (0, 3, 20, 300, 400):
        owned = kept(AppUserOption, {f"{days} days": 1})
        changed = timezone.now() - timedelta(days=days, minutes=1)
        owned.filter(key=f"{days} days").update(updated_at=changed)
    for past, count in (("1", 1), ("7", 2), ("30", 3), ("365", 4)):
        assert len(listed(page, AppUserOption, changed=past)) == count


def test_an_unknown_filter_choice_is_not_an_error(page: Any, kept: Any) -> None:
    kept(AppUserOption, {"key": 1})
    assert listed(page, AppUserOption, type="other") == []
    assert listed(page, AppUserOption, changed="other") == ["key"]


@pytest.mark.parametrize("value", ["x", "\0", f"{2**63}"], ids=ascii)
@pytest.mark.parametrize("address", [LIST, WEBHOOKS], ids=["options", "webhooks"])
def test_an_invalid_primary_key_does_not_filter(page: Any, address: str, value: str) -> None:
    assert page.get(address, {"application": value}).status_code == 302


@pytest.mark.parametrize("lookup", ["value__contains", "size__gt", "application__name"])
def test_a_url_cannot_filter_without_an_index(page: Any, lookup: str) -> None:
    assert page.get(LIST, {lookup: "1"}).status_code == 400


def test_filters_hide_owners_that_staff_may_not_see(
    page: Any,
    kept: Any,
    page_of_staff: Any,
    application: Any,
    make_user: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = make_user("zoe")
    keep(AppUserOption, application, user, {"a": 1})
    chosen = {"application": application.pk, "user": user.pk}

    def named(client: Any) -> list[bool]:
        # The list itself is empty, so only the filters can name them.
        text = screen(client, LIST, q="nothing", **chosen).text
        return ["Notes" in text, "zoe" in text]

    assert named(page) == [True, True]
    assert named(page_of_staff("view_appuseroption", "view_user")) == [False, True]
    monkeypatch.delitem(admin.site._registry, get_user_model())
    assert named(page) == [True, False]
    applications = admin.site.get_model_admin(get_application_model())
    monkeypatch.setattr(applications, "search_fields", ())
    assert named(page) == [False, False]
    assert screen(page, LIST).fields["user"]["placeholder"] == "ID"
    assert listed(page, AppUserOption, user=user.pk) == ["a"]


@pytest.mark.parametrize("parameters", [{"type": "number"}, {"changed": "1"}, {"o": "1"}], ids=str)
def test_filters_without_an_index_search_only_the_newest_rows(
    page: Any,
    make_application: Any,
    user: Any,
    monkeypatch: pytest.MonkeyPatch,
    parameters: dict[str, str],
) -> None:
    monkeypatch.setattr(bounded_list, "SCAN_BOUND", 2)
    old, new = make_application(), make_application()
    keep(AppUserOption, old, user, {"a": 1, "b": 1})
    keep(AppUserOption, new, user, {"c": 1, "d": 1})
    assert set(listed(page, AppUserOption, **parameters)) == {"c", "d"}
    assert "Only the newest 2 matches were searched" in screen(page, LIST, **parameters).text
    narrowed = {**parameters, "application": old.pk}
    assert set(listed(page, AppUserOption, **narrowed)) == {"a", "b"}
    assert "matches were searched" not in screen(page, LIST, **narrowed).text


@pytest.mark.database
def test_searches_and_filters_take_few_statements(
    page: Any, kept: Any, application: Any, user: Any
) -> None:
    kept(AppUserOption, {"theme": "dark"})
    # session, user, applications, users, count, rows
    assert len(statements(page, LIST, q="theme")) == 6
    chosen = {"application": application.pk, "user": user.pk, "type": "string", "changed": "7"}
    address = url(AppUserOption, "changelist")
    # Besides: per link the chosen one, again to show it, and its label; the edge.
    assert len(statements(page, address, q="theme", o="1", **chosen)) <= 13
