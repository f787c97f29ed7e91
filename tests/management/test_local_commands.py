"""Applications and tokens for local work, made without a shell."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError
from oauth2_provider.models import AccessToken, Application

pytestmark = pytest.mark.database
CREATE = ("application", "create", "--user", "ann", "--client-id", "board")


def test_a_new_application_gets_a_token_that_acts_as_its_owner(
    run_json: Any, client: Any, call: Any, user: Any
) -> None:
    issued = run_json(*CREATE)
    assert Application.objects.get().client_secret != issued["secret"]
    form = {
        "grant_type": "client_credentials",
        "client_id": issued["client_id"],
        "client_secret": issued["secret"],
    }
    token = client.post("/o/token/", form).json()["access_token"]
    assert call("user.option.set", {"options": {"a": 1}}, token=token).json()["result"] is True
    assert call("profile", token=token).json()["result"]["ID"] == str(user.pk)


def test_a_token_acts_as_its_user(run: Any, call: Any, application: Any, user: Any) -> None:
    answer = run("token", "create", "--user", "ann", "--application", "Field notes")
    token = answer.split()[1]
    assert AccessToken.objects.get().token == token
    assert answer.endswith("cannot be shown again.\n")
    assert call("user.option.get", token=token).json()["result"] == {}


@pytest.mark.usefixtures("user")
def test_invalid_applications_and_tokens_are_refused(run: Any) -> None:
    with pytest.raises(CommandError, match="--application"):
        run("token", "create", "--user", "ann")
    words = ("token", "create", "--user", "ann", "--application", "board")
    for lifetime in ("0m", "-1h"):
        with pytest.raises(CommandError, match="--expires-in"):
            run(*words, f"--expires-in={lifetime}")
    run(*CREATE, "--dry-run")
    assert not Application.objects.exists()
    run(*CREATE)
    with pytest.raises(CommandError, match="already exists"):
        run(*CREATE)
