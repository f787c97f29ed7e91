"""Ways for a project to divide its reads; the README shows the first, word for word."""

from __future__ import annotations

from typing import Any


class PrimaryForOptions:
    from_primary = frozenset({"auth", "oauth2_provider", "django_user_options"})

    def db_for_read(self, model, **hints):
        return "default" if model._meta.app_label in self.from_primary else "replica"

    def db_for_write(self, model, **hints):
        return "default"

    def allow_relation(self, first, second, **hints):
        return True


class PrimaryForTokens(PrimaryForOptions):
    """Reads options from the replica, and webhooks not: less load, older answers."""

    lagging = frozenset({"appuseroption", "appoption"})

    def db_for_read(self, model: type[Any], **hints: Any) -> str:
        lags = model._meta.model_name in self.lagging
        return "replica" if lags else super().db_for_read(model, **hints)


class ReplicaForAll(PrimaryForOptions):
    """Reads everything from the replica."""

    from_primary = frozenset()


class NoRelations(ReplicaForAll):
    """Forgets that both databases hold the same rows."""

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> None:
        return None


class ReplicaMistaken(PrimaryForOptions):
    """Writes to the replica, as happens for a while after a failover."""

    def db_for_write(self, model: type[Any], **hints: Any) -> str:
        return "replica"
