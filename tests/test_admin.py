"""The admin of options: everything is shown as text, nothing can be added, changed or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape
from oauth2_provider.models import get_application_model

from django_user_options.models import AppOption, AppUserOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db import models

HOSTILE_KEY = "<script>alert(1)</script>"
HOSTILE_VALUE = "</pre><img src=x onerror=alert(2)>"


@pytest.fixture
def page(administrator: Any) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


@pytest.fixture(params=[AppUserOption, AppOption], ids=lambda model: model.__name__)
def model(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def store(model: Any, application: Any, user: Any) -> Callable[..., Any]:
    """Store one option of the model under test and return it."""

    def store(key: str, value: Any) -> Any:
        return _store(model, application, user, {key: value}).get(key=key)

    return store


def _store(model: Any, application: Any, user: Any, options: dict[str, Any]) -> Any:
    owner = (application, user) if model is AppUserOption else (application,)
    owned = model.objects.for_owner(*owner)
    owned.set_options(options)
    return owned


def _url(model: type[models.Model], view: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def _found(page: Client, model: Any, query: str) -> list[str]:
    response = page.get(_url(model, "changelist"), {"q": query})
    return [option.key for option in response.context["cl"].result_list]


def _quoted(text: str) -> str:
    return escape(f'"{text}"')


def _list_queries(page: Client, model: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page.get(_url(model, "changelist"))
    return len(queries)


def test_the_list_shows_the_newest_option_first(
    page: Client, model: Any, application: Any, user: Any
) -> None:
    _store(model, application, user, {"b": 1})
    _store(model, application, user, {"a": 1})
    _store(model, application, user, {"b": 2})
    assert _found(page, model, "") == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "preview"),
    [
        ("dark", '"dark"'),
        ("1", '"1"'),
        ("", '""'),
        ("x" * 200, f'"{"x" * 59}…"'),
        ("Zażółć 🎨", '"Zażółć 🎨"'),
        (1, "1"),
        (10**200, f"1{'0' * 58}…"),
        (0.5, "0.5"),
        (True, "true"),
        (None, "null"),
        ({}, "object, 0 entries"),
        ({"a": [1, 2]}, "object, 1 entry"),
        ([], "list, 0 entries"),
        ([1], "list, 1 entry"),
        ([1, 2], "list, 2 entries"),
    ],
)
def test_the_list_shows_the_type_and_the_beginning_of_a_value(
    page: Client, store: Callable[..., Any], value: Any, preview: str
) -> None:
    option = store("key", value)
    body = page.get(_url(type(option), "changelist")).content.decode()
    assert f'<td class="field-preview">{escape(preview)}</td>' in body


def test_keys_that_differ_in_spaces_are_told_apart(page: Client, store: Callable[..., Any]) -> None:
    for key in ("theme", "theme "):
        option = store(key, 1)
        detail = page.get(_url(type(option), "change", option.pk)).content.decode()
        assert f"<pre>{_quoted(key)}</pre>" in detail
        listed = page.get(_url(type(option), "changelist")).content.decode()
        assert f">{_quoted(key)}</a>" in listed


def test_the_list_cuts_long_keys(page: Client, store: Callable[..., Any]) -> None:
    option = store("k" * 255, 1)
    body = page.get(_url(type(option), "changelist")).content.decode()
    assert f">{_quoted('k' * 29 + '…')}</a>" in body


def test_the_list_can_be_ordered_by_key(
    page: Client, model: Any, application: Any, user: Any
) -> None:
    _store(model, application, user, {"b": 1})
    _store(model, application, user, {"a": 1})
    # Columns count from 1, as there is a checkbox before them.
    response = page.get(_url(model, "changelist"), {"o": "-1"})
    assert [option.key for option in response.context["cl"].result_list] == ["b", "a"]


def test_the_page_of_an_option_shows_its_whole_value_as_indented_json(
    page: Client, store: Callable[..., Any]
) -> None:
    option = store("key", {"colour": "żółty", "sizes": [1, 1e16]})
    body = page.get(_url(type(option), "change", option.pk)).content.decode()
    text = '{\n  "colour": "żółty",\n  "sizes": [\n    1,\n    1e+16\n  ]\n}'
    assert f"<pre>{escape(text)}</pre>" in body


def test_the_page_of_an_option_links_to_its_owners(
    page: Client, application: Any, user: Any
) -> None:
    option = _store(AppUserOption, application, user, {"key": 1}).get()
    body = page.get(_url(AppUserOption, "change", option.pk)).content.decode()
    assert f'href="{_url(get_user_model(), "change", user.pk)}"' in body
    assert f'href="{_url(get_application_model(), "change", application.pk)}"' in body


def test_hostile_keys_and_values_are_shown_as_text(page: Client, store: Callable[..., Any]) -> None:
    option = store(HOSTILE_KEY, HOSTILE_VALUE)
    for url in (_url(type(option), "changelist"), _url(type(option), "change", option.pk)):
        body = page.get(url).content.decode()
        assert HOSTILE_KEY not in body
        assert "<img src=x" not in body
        assert escape(HOSTILE_KEY) in body
        assert escape(HOSTILE_VALUE) in body


def test_hostile_texts_inside_containers_are_shown_as_text(
    page: Client, store: Callable[..., Any]
) -> None:
    option = store("key", {HOSTILE_KEY: [HOSTILE_VALUE]})
    body = page.get(_url(type(option), "change", option.pk)).content.decode()
    assert HOSTILE_KEY not in body
    assert "<img src=x" not in body
    assert escape(HOSTILE_KEY) in body
    assert escape(HOSTILE_VALUE) in body


def test_search_finds_keys_by_their_beginning(
    page: Client, model: Any, application: Any, user: Any
) -> None:
    _store(model, application, user, {"theme": 1, "theme.dark": 1, "my.theme": 1, "t%me": 1})
    assert _found(page, model, "theme") == ["theme.dark", "theme"]
    assert _found(page, model, "t%") == ["t%me"]


def test_search_finds_whole_client_ids(
    page: Client, model: Any, make_application: Callable[..., Any], user: Any
) -> None:
    _store(model, make_application(client_id="first"), user, {"a": 1})
    _store(model, make_application(client_id="second"), user, {"b": 1})
    assert _found(page, model, "second") == ["b"]
    assert _found(page, model, "eco") == []


def test_search_finds_parts_of_user_names(
    page: Client, make_user: Callable[..., Any], application: Any
) -> None:
    _store(AppUserOption, application, make_user("marianne"), {"x": 1})
    _store(AppUserOption, application, make_user("bob"), {"y": 1})
    assert _found(page, AppUserOption, "ANN") == ["x"]


def test_search_asks_the_user_model_by_which_name_users_log_in(
    page: Client, user: Any, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    type(user).objects.filter(pk=user.pk).update(email="zoe@example.org")
    _store(AppUserOption, application, user, {"x": 1})
    assert _found(page, AppUserOption, "zoe@") == []
    monkeypatch.setattr(get_user_model(), "USERNAME_FIELD", "email")
    assert _found(page, AppUserOption, "zoe@") == ["x"]


def test_search_never_looks_at_values(page: Client, store: Callable[..., Any]) -> None:
    option = store("key", "needle")
    assert _found(page, type(option), "needle") == []


def test_the_list_filters_by_application(
    page: Client, model: Any, make_application: Callable[..., Any], user: Any
) -> None:
    first, second = make_application(name="One"), make_application(name="Two")
    _store(model, first, user, {"a": 1})
    _store(model, second, user, {"b": 1})
    response = page.get(_url(model, "changelist"), {"application__id__exact": second.pk})
    assert [option.key for option in response.context["cl"].result_list] == ["b"]
    titles = [specification.title for specification in response.context["cl"].filter_specs]
    assert titles == ["updated", "application"]


def test_the_list_asks_as_many_queries_for_twenty_options_as_for_one(
    page: Client,
    model: Any,
    make_application: Callable[..., Any],
    make_user: Callable[..., Any],
) -> None:
    _store(model, make_application(), make_user(), {"key": 1})
    make_application()  # the filter shows from two applications on
    few = _list_queries(page, model)
    for _ in range(19):
        _store(model, make_application(), make_user(), {"key": 1})
    assert model.objects.count() == 20
    assert _list_queries(page, model) == few


def test_nobody_adds_an_option(page: Client, model: Any) -> None:
    assert page.get(_url(model, "add")).status_code == 403
    assert page.post(_url(model, "add"), {"key": "a", "value": "1"}).status_code == 403
    assert not model.objects.exists()


def test_nobody_changes_an_option(page: Client, store: Callable[..., Any]) -> None:
    option = store("key", "old")
    url = _url(type(option), "change", option.pk)
    assert b'<input type="submit"' not in page.get(url).content
    assert page.post(url, {"key": "key", "value": "new"}).status_code == 403
    option.refresh_from_db()
    assert option.value == "old"


def test_an_option_cannot_be_deleted_at_its_own_address(
    page: Client, store: Callable[..., Any]
) -> None:
    option = store("key", 1)
    url = _url(type(option), "delete", option.pk)
    assert url not in page.get(_url(type(option), "change", option.pk)).content.decode()
    assert page.get(url).status_code == 403
    assert page.post(url, {"post": "yes"}).status_code == 403
    assert type(option).objects.exists()


def test_options_cannot_be_deleted_from_the_list(page: Client, store: Callable[..., Any]) -> None:
    option = store("key", 1)
    url = _url(type(option), "changelist")
    assert b"delete_selected" not in page.get(url).content
    choice = {"action": "delete_selected", "_selected_action": option.pk, "post": "yes"}
    page.post(url, choice)
    assert type(option).objects.exists()


def test_an_administrator_deletes_a_user_along_with_the_options(
    page: Client, user: Any, application: Any
) -> None:
    _store(AppUserOption, application, user, {"a": 1, "b": 2})
    response = page.post(_url(get_user_model(), "delete", user.pk), {"post": "yes"})
    assert response.status_code == 302
    assert not get_user_model().objects.filter(pk=user.pk).exists()
    assert not AppUserOption.objects.exists()


def test_an_administrator_deletes_an_application_along_with_the_options(
    page: Client, user: Any, application: Any
) -> None:
    _store(AppUserOption, application, user, {"a": 1})
    _store(AppOption, application, user, {"b": 2})
    response = page.post(_url(type(application), "delete", application.pk), {"post": "yes"})
    assert response.status_code == 302
    assert not type(application).objects.exists()
    assert not AppUserOption.objects.exists()
    assert not AppOption.objects.exists()


def test_staff_see_options_only_with_the_permission_to_view_them(
    make_user: Callable[..., Any], store: Callable[..., Any]
) -> None:
    option = store("key", 1)
    staff = make_user("staff", is_staff=True)
    client = Client()
    client.force_login(staff)
    url = _url(type(option), "changelist")
    assert client.get(url).status_code == 403
    name = f"view_{option._meta.model_name}"
    staff.user_permissions.add(Permission.objects.get(codename=name))
    assert client.get(url).status_code == 200
