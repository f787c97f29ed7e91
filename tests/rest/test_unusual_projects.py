"""Projects that are set up in ways of their own: prefixes, middleware, user models, caches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections
from django.test import override_settings
from django.urls import include, path, re_path
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.response import Response
from rest_framework.views import APIView

from django_user_options.models import AppUserOption
from django_user_options.rest.permissions import HasUser
from django_user_options.rest.views import RestMethodView
from tests.variants.runner import run_tests

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class OwnView(APIView):
    """A view of the project that relies on the package's permission."""

    authentication_classes = (OAuth2Authentication,)
    permission_classes = (HasUser,)

    def get(self, request: Any) -> Response:
        return Response("let in")


urlpatterns = [
    path("own/", OwnView.as_view()),
    path("<slug:tenant>/rest/", include("django_user_options.rest.urls")),
    re_path("^(?P<tenant>[a-z]+)/oauth/", include("django_user_options.rest.oauth_urls")),
]


class PlainRest:
    """URLs where only the prefix of the token endpoint captures a word."""

    urlpatterns = (
        path("plain/rest/", include("django_user_options.rest.urls")),
        path("<slug:tenant>/oauth/", include("django_user_options.rest.oauth_urls")),
    )


def reads_the_form(get_response: Any) -> Any:
    """Middleware that looks into the form, as the toolkit's own does."""

    def read(request: HttpRequest) -> HttpResponse:
        assert request.POST is not None
        return get_response(request)

    return read


@override_settings(ROOT_URLCONF=__name__)
def test_the_prefix_may_capture_words_of_the_projects_own(call: Any, token: str) -> None:
    response = call("user.option.set", {"options": {"a": 1}}, token=token, prefix="/acme/rest/")
    assert response.json()["result"] is True


@pytest.mark.parametrize(
    ("urls", "rest"), [(__name__, "/acme/rest/"), (PlainRest, "/plain/rest/")], ids=["both", "one"]
)
def test_the_prefix_of_the_token_endpoint_may_capture_words_too(
    client: Any, refresh: Any, settings: Any, urls: Any, rest: str
) -> None:
    settings.ROOT_URLCONF = urls
    answer = client.get("/acme/oauth/token/", refresh).json()
    assert answer["client_endpoint"] == f"http://testserver{rest}"


@pytest.mark.parametrize("encoding", ["form", "json"])
def test_a_form_that_middleware_has_looked_into_is_read_again(
    call: Any, token: str, application: Any, user: Any, encoding: str, settings: Any
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.reads_the_form"]
    options = {"a": "1", "b": {"c": ["x", "y"]}}
    response = call("user.option.set", {"options": options}, token=token, encoding=encoding)
    assert response.json()["result"] is True
    assert AppUserOption.objects.for_owner(application, user).as_mapping() == options


def test_a_body_that_middleware_has_used_up_is_refused(
    call: Any, token: str, settings: Any
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.reads_the_form"]
    response = call("user.option.set", {"options": {"a": 1}}, token=token, encoding="multipart")
    assert response.status_code == 400
    assert "has read the request body" in response.json()["error_description"]
    assert not AppUserOption.objects.exists()


def test_no_database_of_the_project_wraps_the_view_in_a_transaction() -> None:
    assert RestMethodView.as_view()._non_atomic_requests == set(connections)


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("headless", [False, True])
def test_a_deactivated_user_is_refused_in_views_of_the_project(
    client: Any, make_application: Any, make_token: Any, user: Any, headless: bool
) -> None:
    token = make_token(make_application(user=user), None if headless else user)
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert client.get("/own/", **headers).status_code == 200
    user.is_active = False
    user.save()
    assert client.get("/own/", **headers).status_code == 403


def test_a_cache_of_the_whole_site_keeps_nothing(
    client: Any, token: str, make_user: Any, application: Any, user: Any, make_token: Any,
    settings: Any,
) -> None:  # fmt: skip
    settings.MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *settings.MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
    other = make_token(application, make_user())
    AppUserOption.objects.for_owner(application, user).set_options({"a": "ann's"})
    for owner, stored in [(token, {"a": "ann's"}), (other, {}), (token, {"a": "ann's"})]:
        response = client.get("/rest/user.option.get", HTTP_AUTHORIZATION=f"Bearer {owner}")
        assert response.json()["result"] == stored
    assert response.wsgi_request._cache_update_cache is False


def test_answers_do_not_vary_on_accept(call: Any, token: str) -> None:
    assert call("user.option.get", token=token)["Vary"] == "origin"


def test_no_setting_of_rest_framework_changes_an_answer() -> None:
    # Another process, because REST framework reads its settings when its classes are made.
    facts = ("--nomigrations", "tests/rest/facts_of_answers.py")
    run_tests("tests.rest.odd_rest_framework", *facts, DATABASE_URL="sqlite://:memory:")
