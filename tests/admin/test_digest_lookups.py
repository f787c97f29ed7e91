"""No way to filter the list of webhooks tells anything about a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.admin.screens import WEBHOOKS

if TYPE_CHECKING:
    from django.test import Client

    from django_user_options.models import InboundWebhook


@pytest.mark.parametrize("name", ["secret_digest", "old_secret_digest"])
@pytest.mark.parametrize("lookup", ["", "__exact", "__gte", "__lt", "__isnull", "__startswith"])
def test_the_list_refuses_to_compare_digests(
    page: Client, webhook: InboundWebhook, name: str, lookup: str
) -> None:
    filters = {f"{name}{lookup}": webhook.secret_digest}
    assert page.get(WEBHOOKS, filters).status_code == 400
