"""Finding options: what is searched, what the filters keep, and how far either looks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.utils import timezone
from oauth2_provider.models import get_application_model

from django_user_options.admin import changelist, options
from django_user_options.models import AppOption, AppUserOption
from tests.admin.screens import keep, listed, statements, url

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

VALUES = {
    "string": ["", "1", "null"],
    "number": [0, -1, 1e16, 10**30],
    "boolean": [True, False],
    "null": [None],
    "list": [[], [{}]],
    "object": [{}, {"a": "["}],
}


def test_search_finds_keys_by_their_beginning(
    page: Client, model: Any, application: Any, user: Any
) -> None:
    keep(model, application, user, {"theme": 1, "theme.dark": 1, "my.theme": 1, "t%me": 1})
    keep(model, application, user, {"my key": 1})
    assert listed(page, model, q="theme") == ["theme.dark", "theme"]
    assert listed(page, model, q="t%") == ["t%me"]
    assert listed(page, model, q="my k") == ["my key"]


def test_search_finds_whole_client_ids(
    page: Client, model: Any, make_application: Callable[..., Any], user: Any
) -> None:
    keep(model, make_application(client_id="first"), user, {"a": 1})
    keep(model, make_application(client_id="second"), user, {"b": 1})
    assert listed(page, model, q=" second ") == ["b"]
    assert listed(page, model, q="sec") == []


def test_search_finds_applications_by_how_their_names_begin(
    page: Client, model: Any, make_application: Callable[..., Any], user: Any
) -> None:
    keep(model, make_application(name="Notes"), user, {"a": 1})
    keep(model, make_application(name="Sales board"), user, {"b": 1})
    assert listed(page, model, q="Sales") == ["b"]


def test_search_finds_users_by_how_their_names_begin(
    page: Client, make_user: Callable[..., Any], application: Any
) -> None:
    keep(AppUserOption, application, make_user("marianne"), {"x": 1})
    keep(AppUserOption, application, make_user("bob"), {"y": 1})
    assert listed(page, AppUserOption, q="mari") == ["x"]


def test_search_asks_the_user_model_by_which_name_users_log_in(
    page: Client, user: Any, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    type(user).objects.filter(pk=user.pk).update(email="zoe@example.org")
    keep(AppUserOption, application, user, {"x": 1})
    assert listed(page, AppUserOption, q="zoe@") == []
    monkeypatch.setattr(get_user_model(), "USERNAME_FIELD", "email")
    assert listed(page, AppUserOption, q="zoe@") == ["x"]


def test_spaces_find_keys_and_not_every_owner(
    page: Client, model: Any, application: Any, user: Any
) -> None:
    keep(model, application, user, {" a": 1, "b": 1})
    assert listed(page, model, q=" ") == [" a"]


def test_search_never_looks_at_values(page: Client, store: Callable[..., Any]) -> None:
    option = store("key", "needle")
    assert listed(page, type(option), q="needle") == []
    assert listed(page, type(option), q='"needle') == []


def test_a_search_that_too_many_owners_fit_says_so(
    page: Client,
    make_application: Callable[..., Any],
    user: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(options, "_OWNERS_FOUND", 2)
    for number in range(3):
        keep(AppOption, make_application(name=f"Notes {number}"), user, {"a": 1})
    response = page.get(url(AppOption, "changelist"), {"q": "Notes"})
    assert "More than 2 applications or users" in response.content.decode()
    assert len(response.context["cl"].result_list) == 2


def test_a_search_takes_a_statement_for_each_kind_of_owner_it_looks_up(
    page: Client, application: Any, user: Any
) -> None:
    keep(AppUserOption, application, user, {"theme": 1})
    taken = statements(page, url(AppUserOption, "changelist"), q="theme")
    assert len(taken) == 6  # session, user, applications, users, count, rows


def test_the_list_filters_by_application_and_user(
    page: Client, make_application: Callable[..., Any], make_user: Callable[..., Any]
) -> None:
    first, second = make_application(name="One"), make_application(name="Two")
    ann, bob = make_user("ann"), make_user("bob")
    for key, application, user in (("a", first, ann), ("b", second, ann), ("c", second, bob)):
        keep(AppUserOption, application, user, {key: 1})
    assert listed(page, AppUserOption, application=second.pk) == ["c", "b"]
    assert listed(page, AppUserOption, user=ann.pk) == ["b", "a"]
    assert listed(page, AppUserOption, application=second.pk, user=ann.pk) == ["b"]
    assert listed(page, AppUserOption, application="", user="") == ["c", "b", "a"]


def test_the_filters_keep_the_rest_of_the_address(
    page: Client, application: Any, user: Any
) -> None:
    keep(AppUserOption, application, user, {"a": 1})
    chosen = {"application": application.pk, "type": "number", "q": "a"}
    text = page.get(url(AppUserOption, "changelist"), chosen).content.decode()
    for name, value in (("type", "number"), ("q", "a")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in text
    assert f'<option value="{application.pk}" selected>{application}</option>' in text
    assert 'href="?q=a&amp;type=number">All</a>' in text


@pytest.mark.parametrize("kind", VALUES)
def test_the_list_filters_by_value_type(
    page: Client, model: Any, application: Any, user: Any, kind: str
) -> None:
    named = {f"{name} {index}": item for name in VALUES for index, item in enumerate(VALUES[name])}
    keep(model, application, user, named)
    expected = {key for key in named if key.startswith(kind)}
    assert set(listed(page, model, type=kind)) == expected


def test_the_list_filters_by_the_last_change(
    page: Client, model: Any, application: Any, user: Any
) -> None:
    for days in (0, 3, 20, 300, 400):
        owned = keep(model, application, user, {f"{days} days": 1})
        changed = timezone.now() - timedelta(days=days, minutes=1)
        owned.filter(key=f"{days} days").update(updated_at=changed)
    for past, count in (("1", 1), ("7", 2), ("30", 3), ("365", 4)):
        assert len(listed(page, model, changed=past)) == count


@pytest.mark.parametrize("name", ["type", "changed"])
def test_a_choice_that_no_filter_offers_keeps_the_list_on_its_feet(
    page: Client, store: Callable[..., Any], name: str
) -> None:
    option = store("key", 1)
    assert listed(page, type(option), **{name: "other"}) in ([], ["key"])


@pytest.mark.parametrize("value", ["x", "1 OR 1=1", "99999999999999999999"])
def test_a_link_that_is_no_primary_key_finds_nothing(
    page: Client, store: Callable[..., Any], value: str
) -> None:
    option = store("key", 1)
    response = page.get(url(type(option), "changelist"), {"application": value})
    found = response.context["cl"].result_list if response.status_code == 200 else []
    assert list(found) == []


@pytest.mark.parametrize(
    "lookup", ["value", "value__contains", "size__gt", "key__contains", "application__name"]
)
def test_an_address_cannot_filter_by_what_no_index_serves(
    page: Client, store: Callable[..., Any], lookup: str
) -> None:
    option = store("key", 1)
    assert page.get(url(type(option), "changelist"), {lookup: "1"}).status_code == 400


def test_filters_propose_only_what_the_hosts_admin_lets_one_search(
    page: Client,
    page_of_staff: Callable[..., Client],
    application: Any,
    user: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep(AppUserOption, application, user, {"a": 1})
    address = url(AppUserOption, "changelist")

    def proposing(client: Client) -> list[bool]:
        specs = client.get(address).context["cl"].filter_specs
        return [spec.can_complete for spec in specs[:2]]

    assert proposing(page) == [True, True]
    staff = page_of_staff("view_appuseroption", "view_user")
    assert proposing(staff) == [False, True]
    monkeypatch.delitem(admin.site._registry, get_user_model())
    assert proposing(page) == [True, False]
    applications = admin.site.get_model_admin(get_application_model())
    monkeypatch.setattr(applications, "search_fields", ())
    assert proposing(page) == [False, False]
    assert 'placeholder="ID"' in page.get(address).content.decode()
    assert listed(page, AppUserOption, user=user.pk) == ["a"]


@pytest.mark.parametrize("parameters", [{"type": "number"}, {"changed": "1"}, {"o": "1"}], ids=str)
def test_what_no_index_serves_is_looked_for_in_the_newest_rows_of_the_rest(
    page: Client,
    model: Any,
    make_application: Callable[..., Any],
    user: Any,
    monkeypatch: pytest.MonkeyPatch,
    parameters: dict[str, str],
) -> None:
    monkeypatch.setattr(changelist.OptionChangeList, "scan_bound", 2)
    old, new = make_application(), make_application()
    keep(model, old, user, {"a": 1, "b": 1})
    keep(model, new, user, {"c": 1, "d": 1})
    address = url(model, "changelist")
    assert set(listed(page, model, **parameters)) == {"c", "d"}
    assert "the newest 2 were looked through" in page.get(address, parameters).content.decode()
    narrowed = {**parameters, "application": old.pk}
    assert set(listed(page, model, **narrowed)) == {"a", "b"}
    assert "were looked through" not in page.get(address, narrowed).content.decode()


def test_every_filter_at_once_takes_eleven_statements(
    page: Client, application: Any, user: Any
) -> None:
    keep(AppUserOption, application, user, {"theme": "dark"})
    chosen = {"application": application.pk, "user": user.pk, "type": "string", "changed": "7"}
    address = url(AppUserOption, "changelist")
    # session, user; per link the chosen one, its label and what is named so; edge, count, rows
    assert len(statements(page, address, q="theme", o="1", **chosen)) == 11
