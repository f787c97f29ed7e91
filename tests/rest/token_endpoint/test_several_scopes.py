"""Several scopes are separated as the vendor's SDKs split them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.tokens import issue_refresh_token

if TYPE_CHECKING:
    from collections.abc import Callable


def test_several_scopes_are_separated_by_commas(
    post: Any,
    refresh: dict[str, str],
    make_token: Callable[..., str],
    application: Any,
    user: Any,
    settings: Any,
) -> None:
    scopes = {"basic": "Own options", "notes": "Notes"}
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "SCOPES": scopes}
    access_token = make_token(application, user, scope="basic notes")
    refresh["refresh_token"] = issue_refresh_token(access_token)
    assert post(refresh).json()["scope"] == "basic,notes"
