"""What holds under ASGI. In memory, SQLite does not let a thread close its connection."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = "https://app.example"


def test_a_page_of_a_listed_origin_can_read_a_refusal(make_application: Any) -> None:
    make_application(allowed_origins=ORIGIN)
    answer = async_to_sync(AsyncClient().post)("/rest/profile", headers={"origin": ORIGIN})
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
