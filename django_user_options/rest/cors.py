"""Which origins may read answers in a browser: those that any application lists.

django-cors-headers writes the headers and asks this module. A token is not sent by itself, as a
cookie is. So anyone who has one may call from anywhere, and no finer rule would protect anything.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from corsheaders.signals import check_request_enabled
from django.db import Error as DatabaseFailure
from django.db import connections
from django.dispatch import receiver
from django.urls import Resolver404, resolve
from oauth2_provider.models import get_application_model

from django_user_options.owners import owners_like
from django_user_options.rest.oauth_endpoints import SdkTokenView
from django_user_options.rest.views import RestMethodView

if TYPE_CHECKING:
    from django.http import HttpRequest

_VIEWS = (RestMethodView, SdkTokenView)
# Databases refuse to search for some other characters.
_ORIGIN = re.compile(r"https?://[a-z0-9.:\[\]_-]+", re.ASCII)


@receiver(check_request_enabled)
def allow_listed_origin(*, request: HttpRequest, **_: Any) -> bool:
    """Return whether the request is for a view of this package and from a listed origin."""
    origin = request.headers.get("Origin", "")
    if not _ORIGIN.fullmatch(origin) or not _is_ours(request):
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _is_listed(origin)
    # Under ASGI, the middleware asks within the event loop, in which Django refuses to query.
    with ThreadPoolExecutor(1) as pool:
        listed = pool.submit(_is_listed, origin)
        # The thread has connections of its own, which nobody else would close.
        pool.submit(connections.close_all)
        return listed.result()


def _is_ours(request: HttpRequest) -> bool:
    try:
        view: Any = resolve(request.path_info, getattr(request, "urlconf", None)).func
    except Resolver404:
        return False
    view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return isinstance(view_class, type) and issubclass(view_class, _VIEWS)


def _is_listed(origin: str) -> bool:
    listing = owners_like(get_application_model(), origin, allowed_origins="contains")
    try:
        return any(each.origin_allowed(origin) for each in listing.only("allowed_origins"))
    except DatabaseFailure:
        # The view gets the same error, and returns it as JSON.
        return False
