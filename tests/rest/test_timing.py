"""The times of an answer."""

from __future__ import annotations

import time

from django_user_options.rest.envelope import Timing


def test_processing_begins_with_the_method_and_the_window_ends_after_the_start() -> None:
    timing = Timing()
    time.sleep(0.002)
    timing.processing_starts()
    times = timing.as_dict()
    assert times["duration"] - times["processing"] >= 0.002
    assert times["operating_reset_at"] == int(times["start"]) + 600
