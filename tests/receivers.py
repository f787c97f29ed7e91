"""Receivers of signals that are connected only for a while."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.dispatch import Signal


@contextmanager
def connected(receiver: Callable[..., None], *signals: Signal) -> Iterator[None]:
    for signal in signals:
        signal.connect(receiver)
    try:
        yield
    finally:
        for signal in signals:
            signal.disconnect(receiver)
