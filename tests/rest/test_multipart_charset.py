"""Each field of a multipart body may state a charset of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from django_user_options.models import AppUserOption
from tests.contract.encoders import BOUNDARY, MULTIPART

if TYPE_CHECKING:
    from django.test import Client

DISPOSITION = 'Content-Disposition: form-data; name="options[a]"'


@pytest.mark.parametrize(("charset", "status"), [("utf-8", 200), ("windows-1251", 400)])
def test_a_field_is_read_only_in_utf_8(
    client: Client, token: str, charset: str, status: int
) -> None:
    content_type = f"Content-Type: text/plain; charset={charset}"
    body = f"--{BOUNDARY}\r\n{DISPOSITION}\r\n{content_type}\r\n\r\n1\r\n--{BOUNDARY}--\r\n"
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    answer = client.post("/rest/user.option.set", body.encode(), content_type=MULTIPART, **headers)
    assert answer.status_code == status
    assert AppUserOption.objects.exists() is (status == 200)
