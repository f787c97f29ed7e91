"""Finds an access token, its application and its user by a SELECT that Django compiles once.

Compiling these 40 columns of three tables takes Django 0.65 ms, a third of a whole call. To save
that time, this module overrides the private `_load_access_token` of the toolkit's validator and
takes the statement from Django's SQL compiler. No other module does.
"""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import connections, models, router
from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import oauth2_settings

if TYPE_CHECKING:
    from collections.abc import Iterator


class PreparedLookup(OAuth2Validator):  # type: ignore[misc]
    """The toolkit's validator with a faster lookup."""

    def _load_access_token(self, token: str) -> Any:
        model = get_access_token_model()
        if type(model.objects) is not models.Manager:
            # A project's manager may select different rows on each call.
            return super()._load_access_token(token)
        lookup = _prepared(model, router.db_for_read(model))
        return lookup.first(_checksum(token))


class NotedClient:
    """Keeps the client id that an introspection server returns along with the user."""

    client_id: str | None = None

    def get_or_create_user_from_content(self, content: Any) -> Any:
        self.client_id = content.get("client_id")
        return super().get_or_create_user_from_content(content)  # type: ignore[misc]


def token_validator() -> Any:
    """Return a validator of the project's class with the same rules but a faster token lookup."""
    chosen = oauth2_settings.OAUTH2_VALIDATOR_CLASS
    # The project's class precedes ours, so its own lookup wins.
    bases = (PreparedLookup,) if chosen is OAuth2Validator else (chosen, PreparedLookup)
    return combined(NotedClient, *bases)()


@cache
def combined(*bases: type) -> type:
    """Return a class with these bases, always the same one."""
    return type(bases[-1].__name__, bases, {})


def load_issued_token(token: str) -> Any:
    """Return the record of a token that was just issued, which a replica may not know yet.

    Raises:
        ObjectDoesNotExist: The token was deleted meanwhile.
    """
    model = get_access_token_model()
    found = _prepared(model, router.db_for_write(model)).first(_checksum(token))
    if found is None:
        raise model.DoesNotExist
    return found


def _checksum(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class _Lookup:
    """The SELECT of a token with its application and user, and how to read its row."""

    def __init__(self, model: Any, alias: str) -> None:
        self.links = [model._meta.get_field(name) for name in ("application", "user")]  # noqa: SLF001
        paths = [*_columns(model)]
        for link in self.links:
            paths += [f"{link.name}__{name}" for name in _columns(link.related_model)]
        rows = model.objects.using(alias).filter(token_checksum="").values_list(*paths)
        compiler = rows.query.get_compiler(alias)
        self.model, self.alias, (self.statement, _) = model, alias, compiler.as_sql()
        columns = [column for column, *_ in compiler.select]
        self.converted = {at: columns[at] for at in compiler.get_converters(columns)}

    def first(self, checksum: str) -> Any:
        connection = connections[self.alias]
        with connection.cursor() as cursor:
            cursor.execute(self.statement, [checksum])
            row = cursor.fetchone()
        return row and self._token(connection, list(row))

    def _token(self, connection: Any, row: list[Any]) -> Any:
        for at, column in self.converted.items():
            # Converters belong to one connection, so they are not kept.
            converters = connection.ops.get_db_converters(column)
            for convert in (*converters, *column.get_db_converters(connection)):
                row[at] = convert(row[at], column, connection)
        values = iter(row)
        token = self._instance(self.model, values)
        for link in self.links:
            link.set_cached_value(token, self._instance(link.related_model, values))
        return token

    def _instance(self, model: Any, values: Iterator[Any]) -> Any:
        names = _columns(model)
        own = list(islice(values, len(names)))
        # A join that found no row gives NULL for the primary key, too.
        missing = own[names.index(model._meta.pk.attname)] is None  # noqa: SLF001
        return None if missing else model.from_db(self.alias, names, own)


_prepared = cache(_Lookup)


@cache
def _columns(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001
