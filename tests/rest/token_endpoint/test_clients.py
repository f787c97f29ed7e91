"""How a client proves who it is, once and in one place, and what a guess costs."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from tests.rest.token_endpoint.calls import FORM, PATH, assert_refused, by_query


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"HTTP_AUTHORIZATION": f"Basic {pair}"}


@pytest.fixture
def bare(refresh: Any) -> dict[str, str]:
    """The parameters of a refresh without the client's credentials."""
    return {name: refresh[name] for name in ("grant_type", "refresh_token")}


@pytest.mark.parametrize("named", [False, True])
def test_a_client_may_use_basic_authentication_with_encoded_characters(
    post: Any, bare: Any, application: Any, named: bool
) -> None:
    application.client_secret = "a+b:c d"
    application.save()
    parameters = {**bare, "client_id": application.client_id} if named else bare
    header = basic(application.client_id, "a%2Bb%3Ac+d")
    assert post(parameters, **header).status_code == 200


@pytest.mark.parametrize("joined", ["{},{}", "Bearer gateway, {}", "{} ,Bearer gateway"])
def test_headers_that_a_server_has_joined_are_told_apart(
    post: Any, refresh: Any, bare: Any, joined: str
) -> None:
    header = basic(refresh["client_id"], refresh["client_secret"])["HTTP_AUTHORIZATION"]
    assert post(bare, HTTP_AUTHORIZATION=joined.format(header, header)).status_code == 200


@pytest.mark.parametrize("wrong", ["client_id", "client_secret"])
def test_wrong_credentials_are_refused(post: Any, refresh: Any, bare: Any, wrong: str) -> None:
    known = {**refresh, wrong: "wrong"}
    header = basic(known["client_id"], known["client_secret"])
    assert_refused(post(bare, **header), 401, "invalid_client")


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic eA==", "basic /w==", "Basic eDp5,Basic eDp6"]
)
def test_a_header_that_cannot_be_read_is_refused(post: Any, bare: Any, header: str) -> None:
    assert_refused(post(bare, HTTP_AUTHORIZATION=header), 400, "invalid_request")


def test_the_header_and_parameters_together_are_refused(post: Any, refresh: Any) -> None:
    header = basic(refresh["client_id"], refresh["client_secret"])
    assert_refused(post(refresh, **header), 400, "invalid_request")
    del refresh["client_secret"]
    refresh["client_id"] = "another"
    assert_refused(post(refresh, **header), 400, "invalid_request")


@pytest.mark.parametrize("name", ["client_secret", "refresh_token", "code", "code_verifier"])
def test_secrets_in_the_query_can_be_forbidden(
    client: Any, post: Any, settings: Any, refresh: Any, name: str
) -> None:
    settings.USER_OPTIONS = {"TOKEN_IN_QUERY": False}
    response = client.post(f"{PATH}?{name}=x", "grant_type=refresh_token", content_type=FORM)
    assert_refused(response, 400, "invalid_request")
    assert_refused(by_query(client, refresh), 400, "invalid_request")
    assert post(refresh).status_code == 200


class CountingHasher(PBKDF2PasswordHasher):
    """Counts how often a secret is hashed, the slow part of checking one."""

    algorithm = "counting"
    iterations = 1
    hashed = 0

    def encode(self, *arguments: Any) -> str:
        CountingHasher.hashed += 1
        return super().encode(*arguments)


@pytest.fixture
def _counting(settings: Any, toolkit: Any, application: Any) -> None:
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, f"{__name__}.CountingHasher"]
    toolkit(CLIENT_SECRET_HASHER="counting")
    application.hash_client_secret = True
    application.save()


@pytest.mark.usefixtures("_counting")
@pytest.mark.parametrize("grant_type", ["refresh_token", "authorization_code"])
def test_every_guess_hashes_exactly_once(
    post: Any, bare: Any, application: Any, make_application: Any, grant_type: str
) -> None:
    # The secret of the second one is stored as it is.
    for name in (application.client_id, make_application().client_id, "unknown"):
        for guess, header in (
            ({"client_id": name, "client_secret": "guess"}, {}),
            ({"client_id": name}, {}),
            ({}, basic(name, "guess")),
        ):
            before = CountingHasher.hashed
            parameters = {**bare, "grant_type": grant_type, "code": "x", **guess}
            assert_refused(post(parameters, **header), 401, "invalid_client")
            assert CountingHasher.hashed == before + 1
