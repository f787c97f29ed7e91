"""The hook itself: where the REST methods are, and what all of them share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.urls import URLResolver
from django.utils.translation import gettext_lazy as _
from drf_spectacular.settings import spectacular_settings

from django_user_options.conf import conf
from django_user_options.rest.methods import registry
from django_user_options.rest.openapi.operations import WEBHOOK_TAG, Operations
from django_user_options.rest.openapi.options import option_methods
from django_user_options.rest.openapi.own_methods import described_by_itself
from django_user_options.rest.openapi.schemas import (
    SCHEMAS,
    SECURITY,
    TEXT,
    Components,
    Schema,
    adapt,
    error_schema,
    time_schema,
)
from django_user_options.rest.openapi.system import system_methods
from django_user_options.rest.views import RestMethodView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drf_spectacular.generators import SchemaGenerator

    from django_user_options.rest.methods import RestMethod
    from django_user_options.rest.openapi.descriptions import Description


def add_rest_methods(result: Schema, generator: SchemaGenerator, **__: Any) -> Schema:
    """Add the registered REST methods to a schema, under every prefix that it covers.

    A postprocessing hook of drf-spectacular.
    """
    inspector: Any = generator.inspector
    prefixes = [inspector.get_path_from_regex(route) for route in _routes(inspector.patterns)]
    if not prefixes:
        return result
    components = Components(generator, result)
    security = _add_shared(components)
    tags: dict[str, Schema] = {}
    for method, described in _described(components):
        operations = Operations(method, described, components)
        tags[str(described.tag)] = {"name": described.tag}
        for number, prefix in enumerate(prefixes, 1):
            path = _public(prefix)
            webhook = f"{path}{{user_id}}/{{secret}}/"
            result["paths"] |= {
                f"{path}{method.name}": _placed(operations.by_token(security), prefix, number),
                f"{webhook}{method.name}": _placed(operations.by_webhook(), prefix, number),
            }
    tags[str(WEBHOOK_TAG)] = {"name": WEBHOOK_TAG, "description": _webhook_text()}
    # Not in place: the list may be the host's setting.
    result["tags"] = [*result.get("tags", ()), *tags.values()]
    components.collect()
    return result


def _routes(patterns: Iterable[Any], before: str = "") -> Iterator[str]:
    """Yield the pattern before each place where the URLs of the REST methods are included."""
    for pattern in patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif pattern.name == "method" and _is_ours(pattern.callback):
            yield f"{before.rstrip('/')}/"


def _is_ours(view: Any) -> bool:
    return issubclass(getattr(view, "cls", object), RestMethodView)


def _described(components: Components) -> Iterator[tuple[type[RestMethod], Description]]:
    """Yield each registered method with its description, a host's own ones last."""
    known = {**option_methods(), **system_methods()}
    for method, described in known.items():
        if method in registry:
            yield method, described
    for method in registry:
        if method not in known:
            yield method, described_by_itself(method, components)


def _public(path: str) -> str:
    """Return the path as the host's settings change those of its own."""
    prefix = spectacular_settings.SCHEMA_PATH_PREFIX
    if prefix and spectacular_settings.SCHEMA_PATH_PREFIX_TRIM:
        path = re.sub(f"^{prefix.removeprefix('^')}", "", path, flags=re.IGNORECASE)
    path = f"{spectacular_settings.SCHEMA_PATH_PREFIX_INSERT}{path}"
    return path if path.startswith("/") else f"/{path}"


def _placed(operations: Schema, prefix: str, number: int) -> Schema:
    """Return the operations under one prefix, with what it captures and ids of their own."""
    captured = [
        {"name": name, "in": "path", "required": True, "schema": TEXT}
        for name in re.findall(r"{(\w+)}", prefix)
    ]
    placed = {}
    for verb, operation in operations.items():
        parameters = [*captured, *operation.get("parameters", ())]
        placed[verb] = {**operation, **({"parameters": parameters} if parameters else {})}
        if number > 1:
            placed[verb]["operationId"] += f"_{number}"
    return placed


def _add_shared(components: Components) -> list[Schema]:
    """Add what all operations refer to, and return the ways in which a token is sent."""
    components.add(SCHEMAS, "RestTime", adapt(time_schema()))
    components.add(SCHEMAS, "RestError", adapt(error_schema()))
    header = {
        "type": "http",
        "scheme": "bearer",
        "description": _("An OAuth access token in the header `Authorization: Bearer …`."),
    }
    components.add(SECURITY, "RestAccessToken", header)
    if not conf.token_in_query:
        return [{"RestAccessToken": []}]
    query = {
        "type": "apiKey",
        "in": "query",
        "name": "auth",
        "description": _(
            "The same token as a parameter, in the query or in the body; `access_token` is "
            "another name for it."
        ),
    }
    components.add(SECURITY, "RestTokenParameter", query)
    return [{"RestAccessToken": []}, {"RestTokenParameter": []}]


def _webhook_text() -> Any:
    return _(
        "The same methods for a webhook, whose address holds its credentials. "
        "No token may stand beside it."
    )
