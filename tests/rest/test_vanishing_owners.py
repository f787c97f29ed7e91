"""An owner that is deleted in the middle of a call is like one that was deleted before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from oauth2_provider.oauth2_validators import OAuth2Validator

from django_user_options.rest.methods.rest_method import registry

if TYPE_CHECKING:
    from django_user_options.rest.methods import RestMethod

UNKNOWN = {"error": "NO_AUTH_FOUND", "error_description": "Wrong authorization data"}


class UserGoesAfterTheToken(OAuth2Validator):
    """Lets every user be deleted between reading a token and reading its user."""

    def validate_bearer_token(self, *arguments: Any) -> bool:
        valid = super().validate_bearer_token(*arguments)
        get_user_model().objects.all().delete()
        return valid


@pytest.mark.django_db(transaction=True)
def test_an_applications_owner_is_deleted_while_a_token_is_read(
    toolkit: Any, call: Any, make_application: Any, make_token: Any, user: Any
) -> None:
    toolkit(OAUTH2_VALIDATOR_CLASS=f"{__name__}.UserGoesAfterTheToken")
    answer = call("user.option.get", token=make_token(make_application(user=user), None))
    assert answer.status_code == 401
    assert answer.json() == UNKNOWN
    assert "Bearer" in answer["WWW-Authenticate"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("goes", ["user", "application"])
def test_an_owner_is_deleted_before_the_options_are_written(
    call: Any, token: str, user: Any, application: Any, monkeypatch: pytest.MonkeyPatch, goes: str
) -> None:
    method = registry.get("user.option.set")
    run = method.run

    def delete_and_run(self: RestMethod) -> Any:
        (user if goes == "user" else application).delete()
        return run(self)

    monkeypatch.setattr(method, "run", delete_and_run)
    answer = call("user.option.set", {"options": {"theme": "dark"}}, token=token)
    assert answer.status_code == 401
    assert answer.json() == UNKNOWN
