"""The vendor's SDK for Python against the live dialect, which its own test suite expects."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.sdk


@pytest.fixture(autouse=True)
def live(settings: Any) -> None:
    settings.USER_OPTIONS = {"DIALECT": "live"}


def test_app_info_by_webhook_fits_the_schema(by_webhook: Any, sdk: Any) -> None:
    info = sdk.Client(by_webhook).app.info().value
    assert type(info).__name__ == "AppInfoWebhook"
    assert (info.scope, info.license) == ([], "")


def test_an_empty_object_in_a_batch_stores_nothing(by_oauth: Any, sdk: Any) -> None:
    api = sdk.Client(by_oauth)
    answer = api.call_batch({"write": api.user.option.set({"a": {}, "b": []})}).result
    assert answer.result == {"write": True}
    # A form has no empty object: the SDK sends both as `[]=`.
    assert api.user.option.get().result == {"a": [], "b": []}
