"""Owners who keep all that they may are in nobody else's way."""

from __future__ import annotations

from typing import Any

import pytest

from django_user_options.models import AppUserOption

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("limit", ["MAX_KEYS_PER_OWNER", "MAX_BYTES_PER_OWNER"])
def test_a_full_owner_leaves_room_for_another_one(
    limit: str, application: Any, make_user: Any, settings: Any
) -> None:
    settings.USER_OPTIONS = {limit: 1}
    ann, bob = make_user(), make_user()
    # Different keys, since the room for a key is that beside the other keys.
    for owner, key in ((ann, "a"), (bob, "b")):
        AppUserOption.objects.for_owner(application, owner).set_options({key: 1})
    assert AppUserOption.objects.count() == 2
