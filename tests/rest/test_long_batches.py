"""A batch answers each of up to 1,000 commands, although it runs only 50."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse


@pytest.mark.parametrize(("count", "status"), [(1_000, 200), (1_001, 400)])
def test_a_batch_answers_up_to_a_thousand_commands(
    call: Callable[..., HttpResponse], token: str, count: int, status: int
) -> None:
    answer = call("batch", {"cmd": ["server.time"] * count}, token=token)
    assert answer.status_code == status
    if status == 200:
        parts = answer.json()["result"]
        assert (len(parts["result"]), len(parts["result_error"])) == (50, count - 50)
