"""The hook itself: where the REST methods are mounted, and their operations there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.urls import URLResolver
from django.utils.translation import gettext_lazy as _
from drf_spectacular.settings import spectacular_settings

from django_user_options.rest.methods import registry
from django_user_options.rest.methods.rest_method import TEXT
from django_user_options.rest.openapi.components import Components, Schema
from django_user_options.rest.openapi.operations import WEBHOOK_TAG, Operations
from django_user_options.rest.views import RestMethodView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drf_spectacular.generators import SchemaGenerator


def add_rest_methods(result: Schema, generator: SchemaGenerator, **__: Any) -> Schema:
    """Add the registered REST methods to a schema, under every prefix that it covers.

    A postprocessing hook of drf-spectacular.
    """
    inspector: Any = generator.inspector
    prefixes = [inspector.get_path_from_regex(route) for route in _routes(inspector.patterns)]
    if not prefixes:
        return result
    components = Components(generator, result)
    tags: dict[str, Schema] = {}
    for method in registry:
        tags[str(method.tag)] = {"name": method.tag}
        operations = Operations(method, components)
        for number, prefix in enumerate(prefixes, 1):
            path = _public(prefix)
            result["paths"] |= {
                f"{path}{method.name}": _placed(operations.by_token(), prefix, number),
                f"{path}{{user_id}}/{{secret}}/{method.name}": _placed(
                    operations.by_webhook(), prefix, number
                ),
            }
    webhooks = _(
        "The same methods for a webhook, whose address holds its credentials. "
        "No token may stand beside it."
    )
    tags[str(WEBHOOK_TAG)] = {"name": WEBHOOK_TAG, "description": webhooks}
    # Not in place: the list may be the project's setting.
    result["tags"] = [*result.get("tags", ()), *tags.values()]
    components.collect()
    return result


def _routes(patterns: Iterable[Any], before: str = "") -> Iterator[str]:
    """Yield the pattern before each place where the URLs of the REST methods are included."""
    for pattern in patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif pattern.name == "method" and issubclass(
            getattr(pattern.callback, "cls", object), RestMethodView
        ):
            yield f"{before.rstrip('/')}/"


def _public(path: str) -> str:
    """Return the path as the project's settings change those of its own."""
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
