"""Users of whichever model the project has."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    def make(username: str = "", **fields: Any) -> Any:
        model = get_user_model()
        name = username or secrets.token_hex(8)
        fields[model.USERNAME_FIELD] = f"{name}@example.org"
        return model.objects.create_user(password="pw", **fields)

    return make
