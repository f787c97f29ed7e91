"""Limits that are counted in a real Redis: by all processes together, and without it, too."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from socket import create_connection
from typing import TYPE_CHECKING, Any

import pytest

from django_user_options.rest import moving_windows
from django_user_options.rest.moving_windows import MovingWindows
from django_user_options.rest.throttle import _parsed
from tests.load.servers import ADDRESS, Server, executable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.redis

GET = "user.option.get"


class Redis(Server):
    """A server that stores nothing on disk."""

    def command(self) -> list[str]:
        options = {"port": str(self.port), "bind": ADDRESS, "save": "", "dir": str(self.data)}
        given = [part for name, text in options.items() for part in (f"--{name}", text)]
        return [executable("redis-server"), *given]

    def answers(self) -> bool:
        with suppress(ConnectionRefusedError):
            create_connection((ADDRESS, self.port)).close()
            return True
        return False

    @property
    def url(self) -> str:
        return f"redis://:@{ADDRESS}:{self.port}/5"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path / "redis") as server:
        yield server


def test_processes_count_together_by_one_operation_a_call(redis: Redis) -> None:
    first, second, limit = MovingWindows(redis.url), MovingWindows(redis.url), _parsed("2 per hour")
    assert [each.hit(limit, "key") for each in (first, second, first)] == [True, True, False]
    assert not second.test(limit, "key")
    assert 3590 < first.wait(limit, "key") <= 3600
    commands = first._shared.storage.storage.info("commandstats")
    assert commands["cmdstat_evalsha"]["calls"] - commands["cmdstat_evalsha"]["failed_calls"] == 5


@pytest.mark.parametrize("way", ["stopped", "frozen"])
def test_without_redis_each_process_counts_for_itself_until_it_is_back(
    call: Any, token: str, redis: Redis, settings: Any, monkeypatch: Any, caplog: Any, way: str
) -> None:
    settings.USER_OPTIONS = {"CALL_LIMIT": "1 per 1 hour", "THROTTLE_STORAGE": redis.url}
    assert call(GET, token=token).status_code == 200
    if way == "stopped":
        redis.stop()
    else:
        os.kill(redis.process.pid, signal.SIGSTOP)  # type: ignore[union-attr]
    assert [call(GET, token=token).status_code for _ in range(3)] == [200, 503, 503]
    # Only the first of these calls asked for Redis.
    (failure,) = [record for record in caplog.records if record.name == "django_user_options"]
    assert failure.getMessage().endswith("this process counts for itself")
    assert str(redis.port) not in failure.getMessage()
    redis.stop()
    redis.start()
    windows = moving_windows.moving_windows()
    windows.waiting.clear()
    monkeypatch.setattr(windows, "_shared_from", 0.0)
    assert [call(GET, token=token).status_code for _ in range(2)] == [200, 503]
    assert len(windows._shared.storage.storage.keys()) == 1
