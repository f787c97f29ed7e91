"""URLs of the admin's screens, their contents, and options to show."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_user_options.models import AppUserOption

if TYPE_CHECKING:
    from django.db import models

WEBHOOKS = "/admin/django_user_options/inboundwebhook/"
ADMIN = "admin:django_user_options_appuseroption"


class Screen(HTMLParser):
    """What a reader sees of a page, and of which elements it is made.

    Attributes:
        text: All text, with blanks as in the source.
        rows: The texts of the cells of each row of each table in the content.
        figures: The text of each term's description.
        links: The text of each link, by its address.
        fields: The value of each hidden input and of each meter, by name or id.
        elements: Each element with the names of its attributes, and each end of one.
        addresses: Whatever the page links to, loads or sends to.
    """

    def __init__(self, response: Any) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.rows: list[list[str]] = []
        self.figures: list[str] = []
        self.links: dict[str, str] = {}
        self.fields: dict[str, dict[str, str]] = {}
        self.elements: list[Any] = []
        self.addresses: list[str] = []
        self._link: str | None = None
        self._words: list[str] | None = None
        self.feed(response.content.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, list(given)))
        self.addresses += [given[name] for name in ("href", "src", "action") if name in given]
        if given.get("id") == "content-main":
            self.rows.clear()
        if tag in {"input", "meter", "option"}:
            self.fields[given.get("name") or given.get("id") or given.get("value", "")] = given
        if tag in self._STARTS:
            self._STARTS[tag](self, tag, given)

    def _start_row(self, tag: str, given: dict[str, str]) -> None:
        self.rows.append([])

    def _start_words(self, tag: str, given: dict[str, str]) -> None:
        self._words = self.figures if tag == "dd" else self.rows[-1]
        self._words.append("")

    def _start_link(self, tag: str, given: dict[str, str]) -> None:
        self._link = given.get("href", "")
        self.links.setdefault(self._link, "")

    _STARTS: ClassVar[dict[str, Any]] = {
        "tr": _start_row,
        **dict.fromkeys(("td", "th", "dd"), _start_words),
        "a": _start_link,
    }

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(f"/{tag}")
        if tag == "a":
            self._link = None
        elif tag in {"td", "th", "dd"}:
            self._words = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._words is not None:
            self._words[-1] += data
        if self._link is not None:
            self.links[self._link] += data

    def column(self, number: int) -> list[str]:
        """Return one column of all rows that have it, without its heading."""
        return [row[number].strip() for row in self.rows if len(row) > number][1:]


def logged_in(user: Any) -> Client:
    """Return a browser in which the user is logged in."""
    client = Client()
    client.force_login(user)
    return client


def keep(model: Any, application: Any, user: Any, options: dict[str, Any]) -> Any:
    """Store options and return those of their owner."""
    owner = (application, user) if model is AppUserOption else (application,)
    owned = model.objects.for_owner(*owner)
    owned.set_options(options)
    return owned


def url(model: type[models.Model], view: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def owner_url(application: Any, user: Any) -> str:
    return reverse(f"{ADMIN}_owner", args=[application.pk, quote(str(user.pk))])


def person_url(user: Any, page: str = "") -> str:
    return reverse(f"admin:django_user_options_overview_person{page}", args=[quote(str(user.pk))])


def application_url(application: Any) -> str:
    return reverse(f"{ADMIN}_application", args=[application.pk])


def fields_of(model: Any, application: Any, user: Any, key: str, value: str) -> dict[str, Any]:
    """Return what is typed to add an option."""
    owner = {"application": application.pk}
    if model is AppUserOption:
        owner["user"] = user.pk
    return {**owner, "key": key, "value": value}


def webhook_form(owner: Any, application: Any = None, **fields: Any) -> dict[str, Any]:
    """Return what is typed to issue or change a webhook."""
    application_fields = (
        {"without_application": "1"} if application is None else {"application": application.pk}
    )
    return {
        "title": "Sync",
        "owner": owner.pk,
        **application_fields,
        "scope": ["basic"],
        "expires_at_0": "",
        "expires_at_1": "",
        **fields,
    }


def screen(page: Client, address: str, **parameters: Any) -> Screen:
    response = page.get(address, parameters)
    assert response.status_code == 200
    return Screen(response)


def listed(page: Client, model: Any, **parameters: Any) -> list[str]:
    """Return the keys that the list shows."""
    response = page.get(url(model, "changelist"), parameters)
    assert response.status_code == 200
    return [option.key for option in response.context["cl"].result_list]


def errors(response: Any) -> dict[str, Any]:
    """Return what the form says is wrong."""
    assert response.status_code == 200
    return dict(response.context["adminform"].form.errors)


def statements(page: Client, address: str, **parameters: Any) -> list[str]:
    """Return the statements that a screen takes."""
    with CaptureQueriesContext(connection) as queries:
        assert page.get(address, parameters).status_code == 200
    return [query["sql"] for query in queries]
