"""The toolkit lets a deactivated user's token pass; the permissions do not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from oauth2_provider.models import get_access_token_model

from django_user_options.rest.permissions import HasUser


def test_a_token_of_the_toolkit_has_no_user_once_that_is_deactivated(token: str, user: Any) -> None:
    access_token = get_access_token_model().objects.get(token=token)
    request: Any = SimpleNamespace(auth=access_token)
    assert HasUser().has_permission(request, None) is True  # type: ignore[arg-type]
    access_token.user.is_active = False
    assert HasUser().has_permission(request, None) is False  # type: ignore[arg-type]
