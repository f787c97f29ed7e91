"""The REST methods in a project's OpenAPI schema; needs drf-spectacular (extra `openapi`).

drf-spectacular describes views, but all REST methods share one view. This hook adds a path for each
registered method, under every prefix where the project includes `rest.urls`:

    SPECTACULAR_SETTINGS = {
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "django_user_options.rest.openapi.add_rest_methods",
        ],
    }

Nothing else in the package imports this module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.urls import URLResolver
from django.utils.translation import gettext_lazy as _
from drf_spectacular.settings import spectacular_settings

from django_user_options.rest.methods import registry
from django_user_options.rest.openapi.operations import WEBHOOK_TAG, MethodDescription
from django_user_options.rest.openapi.schemas import add_shared
from django_user_options.rest.views import RestMethodView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drf_spectacular.generators import SchemaGenerator

    from django_user_options.rest.openapi.schemas import Schema

__all__ = ["add_rest_methods"]


def add_rest_methods(result: Schema, generator: SchemaGenerator, **__: Any) -> Schema:
    """Add the registered REST methods to a schema, under every prefix in it.

    A postprocessing hook of drf-spectacular.
    """
    inspector: Any = generator.inspector
    prefixes = [inspector.get_path_from_regex(route) for route in _routes(inspector.patterns)]
    if not prefixes:
        return result
    security = add_shared(generator.registry)
    tags: dict[str, Schema] = {}
    for method in registry:
        tags[str(method.tag)] = {"name": method.tag}
        description = MethodDescription(method, generator.registry, security)
        for number, prefix in enumerate(prefixes, 1):
            suffix = f"_{number}" if number > 1 else ""
            result["paths"] |= description.paths(prefix, _public(prefix), suffix)
    webhooks = _(
        "The same methods for a webhook, whose address holds its credentials. "
        "Do not send a token as well."
    )
    tags[str(WEBHOOK_TAG)] = {"name": WEBHOOK_TAG, "description": webhooks}
    # Not in place: the list may be the project's setting.
    result["tags"] = [*result.get("tags", ()), *tags.values()]
    # Earlier hooks may have written components, and later ones may build them again.
    components = result.setdefault("components", {})
    for kind, parts in generator.registry.build({}).items():
        components[kind] = {**components.get(kind, {}), **parts}
    return result


def _routes(patterns: Iterable[Any], before: str = "") -> Iterator[str]:
    """Yield the prefix pattern of each place that includes the URLs of the REST methods."""
    for pattern in patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif pattern.name == "method" and issubclass(
            getattr(pattern.callback, "cls", object), RestMethodView
        ):
            yield f"{before.rstrip('/')}/"


def _public(path: str) -> str:
    """Return the path, changed as drf-spectacular's settings change the project's own paths."""
    prefix = spectacular_settings.SCHEMA_PATH_PREFIX
    if prefix and spectacular_settings.SCHEMA_PATH_PREFIX_TRIM:
        path = re.sub(f"^{prefix.removeprefix('^')}", "", path, flags=re.IGNORECASE)
    path = f"{spectacular_settings.SCHEMA_PATH_PREFIX_INSERT}{path}"
    return path if path.startswith("/") else f"/{path}"
