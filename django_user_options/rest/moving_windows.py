"""Moving windows, counted in the project's Redis or in this process, each by one operation."""

from __future__ import annotations

import logging
from array import array
from collections import OrderedDict
from functools import cache
from threading import Lock
from time import monotonic, time
from typing import TYPE_CHECKING, Any, TypeVar

from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from django_user_options.conf import MEMORY, conf

if TYPE_CHECKING:
    from collections.abc import Callable

    from limits import RateLimitItem

# Only the latest keys stay in memory, so that a flood from many addresses cannot fill it.
_MOST_KEYS = 10_000
# No call waits long for a Redis that does not answer, and after that none tries for a while.
_REDIS_TIMEOUTS: dict[str, Any] = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}
_SECONDS_WITHOUT_REDIS = 5

# The project may use its Redis for other limits, too.
_PREFIX = "user_options"

_Answer = TypeVar("_Answer")

logger = logging.getLogger("django_user_options")


class RecentHits(MemoryStorage):
    """The hits of the latest keys.

    The library's own storage starts a thread at nearly every hit, which visits all keys: with
    20,000 keys, a hit takes 0.6 ms.
    """

    def __init__(self) -> None:
        super().__init__()
        self._hits: OrderedDict[str, array[float]] = OrderedDict()
        self._lock = Lock()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = time()
        with self._lock:
            hits = self._hits.setdefault(key, array("d"))
            self._hits.move_to_end(key)
            if len(self._hits) > _MOST_KEYS:
                self._hits.popitem(last=False)
            if len(hits) >= limit and hits[-limit] > now - expiry:
                return False
            hits.append(now)
            del hits[:-limit]
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        now = time()
        with self._lock:
            recent = [hit for hit in self._hits.get(key, ()) if hit > now - expiry]
        return (recent[0] if recent else now), len(recent)


class MovingWindows:
    """Counts in the project's storage or, while that does not answer, in this process.

    Attributes:
        waiting: By a name of the caller's choice, the Unix time until which it must wait.
    """

    def __init__(self, url: str) -> None:
        self._own = self._shared = MovingWindowRateLimiter(RecentHits())
        self._shared_from = 0.0
        self.waiting: dict[str, float] = {}
        self._lock = Lock()
        if url != MEMORY:
            # Imported here, because only this storage needs it.
            from redis.backoff import NoBackoff  # noqa: PLC0415
            from redis.retry import Retry  # noqa: PLC0415

            # Once more, for a connection that was idle too long; by default, there are pauses.
            retry: Any = Retry(NoBackoff(), 1)
            redis = storage_from_string(url, wrap_exceptions=True, retry=retry, **_REDIS_TIMEOUTS)
            self._shared = MovingWindowRateLimiter(redis)

    def hit(self, limit: RateLimitItem, key: str) -> bool:
        return self._ask(lambda windows: windows.hit(limit, _PREFIX, key))

    def test(self, limit: RateLimitItem, key: str) -> bool:
        return self._ask(lambda windows: windows.test(limit, _PREFIX, key))

    def wait(self, limit: RateLimitItem, key: str) -> float:
        """Return the seconds until the window has room."""
        reset = self._ask(lambda windows: windows.get_window_stats(limit, _PREFIX, key)).reset_time
        return max(0.0, reset - time())

    def let_wait(self, name: str, seconds: float) -> None:
        """Make a name wait; each process does this by itself."""
        with self._lock:
            self.waiting[name] = time() + seconds
            if len(self.waiting) > _MOST_KEYS:
                del self.waiting[next(iter(self.waiting))]

    def _ask(self, question: Callable[[MovingWindowRateLimiter], _Answer]) -> _Answer:
        if monotonic() >= self._shared_from:
            try:
                return question(self._shared)
            except StorageError as error:
                self._shared_from = monotonic() + _SECONDS_WITHOUT_REDIS
                # Without the text, which may contain the address of the server.
                logger.error(
                    "%s: the throttle's Redis does not answer; this process counts for itself",
                    type(error.storage_error).__name__,
                )
        return question(self._own)


_of_url = cache(MovingWindows)


def moving_windows() -> MovingWindows:
    """Return the windows in the storage that the project chose."""
    return _of_url(conf.throttle_storage)
