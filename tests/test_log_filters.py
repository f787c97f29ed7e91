"""The filter leaves no secret in a line, under whatever prefix and in whatever encoding."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import pytest

from django_user_options.log_filters import HideSecrets
from django_user_options.webhooks import new_secret

SECRET = new_secret().removeprefix("uow_")
HEXED = "".join(f"%{ord(letter):02X}" for letter in SECRET)


def filtered(message: str, *args: Any) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, None)
    assert HideSecrets().filter(record) is True
    return record.getMessage()


SECRETS = {
    "plain": SECRET,
    "encoded": HEXED,
    "encoded twice": quote(HEXED.lower()),
    "in part": SECRET[:5].upper() + HEXED[15:],
    "with its prefix": f"uow_{SECRET}",
    "without a checksum, as in older versions": SECRET[:32],
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_is_hidden(secret: str) -> None:
    for path in ("/rest/23/{}/user.option.get", "/api//23//{}//x.json", "/{}", "/de/rest/23/{}"):
        line = filtered("%s: %s", "Not Found", path.format(secret))
        assert line == f"Not Found: {path.format('***')}"


def test_a_query_is_hidden_and_other_lines_stay_as_they_are() -> None:
    queries = ("auth=abc", "x=1&access_token=a%20b", "%61uth=abc", "x='1'&auth=abc", 'x="1"&auth=a')
    for query in queries:
        line = filtered('"%s" %s %s', f"GET /rest/profile?{query} HTTP/1.1", "200", "5")
        assert line == '"GET /rest/profile?*** HTTP/1.1" 200 5'
    for address in ("/rest/profile?x=a b&auth=abc", "/rest/profile%3Fauth=abc", "/x%253fauth=abc"):
        assert "abc" not in filtered("code 400, message Bad request syntax (%r)", address)
    for line in ("Not Found: /rest/users/23/", "Done: 100 % of 5", "Really?"):
        assert filtered(line) == line


def test_arguments_that_do_not_fit_are_left_to_the_handler() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "%d %d", ("a",), None)
    assert HideSecrets().filter(record) is True
    assert (record.msg, record.args) == ("%d %d", ("a",))


@pytest.mark.django_db
def test_djangos_log_line_about_an_unknown_path_hides_the_secret(
    client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    logger, hide = logging.getLogger("django.request"), HideSecrets()
    logger.addFilter(hide)
    try:
        assert client.get(f"/api/23/{SECRET}/user.option.get").status_code == 404
    finally:
        logger.removeFilter(hide)
    assert caplog.messages == ["Not Found: /api/23/***/user.option.get"]
