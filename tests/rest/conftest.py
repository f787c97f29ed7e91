from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tokens import issue_refresh_token

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def toolkit(settings: Any) -> Callable[..., None]:
    """Change settings of django-oauth-toolkit."""

    def change(**changes: Any) -> None:
        settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, **changes}

    return change


@pytest.fixture
def refresh(application: Any, token: str) -> dict[str, str]:
    """The parameters of a refresh that succeeds."""
    return {
        "grant_type": "refresh_token",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "refresh_token": issue_refresh_token(token),
    }
