"""The REST methods, one module per family; importing this package registers them."""

from django_user_options.rest.methods import user_options

__all__ = ["user_options"]
