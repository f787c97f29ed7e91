"""The two URL forms; include them under any prefix, for instance `rest/`.

Clients send trailing and doubled slashes and take a redirect for a moved portal, so every
form is served directly.
"""

from __future__ import annotations

from django.urls import re_path

from django_user_options.rest.views import RestMethodView

app_name = "django_user_options"

# `(?:/)?` and not `/?`: Django's check takes the latter for a mistake.
_view = RestMethodView.as_view()

urlpatterns = [
    re_path(r"^(?:/)?(?P<method>[^/]+)/?\Z", _view, name="method"),
    re_path(
        r"^(?:/)?(?P<user_id>[^/]+)/(?P<secret>[^/]+)//?(?P<method>[^/]+)/?\Z",
        _view,
        name="webhook-method",
    ),
    # Whatever else stands under the prefix is answered in the envelope, not by an HTML page.
    re_path(r"", _view),
]
