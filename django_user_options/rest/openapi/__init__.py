"""The REST methods in a host's OpenAPI schema; needs drf-spectacular, the extra `openapi`.

drf-spectacular describes views, and all REST methods are one view. This hook adds a path for
each registered method, under every prefix where the host includes `rest.urls`:

    SPECTACULAR_SETTINGS = {
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "django_user_options.rest.openapi.add_rest_methods",
        ],
    }

Nothing else in the package imports this one.
"""

from django_user_options.rest.openapi.hook import add_rest_methods

__all__ = ["add_rest_methods"]
