"""Per-user options of OAuth applications, for Django.

The options live in `django_user_options.models`; the REST methods that read and
write them, `user.option.set` and its family, live in `django_user_options.rest`.
"""

__version__ = "0.1.0"
