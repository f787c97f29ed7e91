"""How the project with two databases divides them."""

from __future__ import annotations

from typing import Any


class AccountsElsewhere:
    """Sends every model to `other`; both databases have the tables."""

    def db_for_read(self, model: type[Any], **hints: Any) -> str:
        return "other"

    db_for_write = db_for_read

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True
