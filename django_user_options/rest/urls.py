"""The two URL forms; include them under any prefix, for instance `rest/`.

Clients send trailing and double slashes and take a redirect to mean that the portal moved. So every
form is served directly.
"""

from __future__ import annotations

from django.urls import re_path

from django_user_options.rest.views import RestMethodView

app_name = "django_user_options"

# `(?:/)?`, because Django's check warns about a pattern that begins with `/`.
_view = RestMethodView.as_view()

urlpatterns = [
    re_path(r"^(?:/)?(?P<method>[^/]+)/?\Z", _view, name="method"),
    re_path(
        r"^(?:/)?(?P<user_id>[^/]+)/(?P<secret>[^/]+)//?(?P<method>[^/]+)/?\Z",
        _view,
        name="webhook-method",
    ),
    # Anything else under the prefix gets the envelope, not an HTML page.
    re_path(r"", _view),
]
