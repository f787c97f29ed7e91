"""The pages that open applications; include them at the root, as the addresses are the vendor's."""

from __future__ import annotations

from django.urls import path, re_path

from django_user_options.portal.developer.panel import DeveloperView
from django_user_options.portal.page_views import ApplicationPageView, bx24_script
from django_user_options.portal.rest_methods import ServerMethodView
from django_user_options.rest.oauth_endpoints import SdkTokenView

app_name = "user_options_portal"

urlpatterns = [
    path("portal/<path:client_id>/", ApplicationPageView.as_view(), name="page"),
    path("portal-developer/<path:client_id>/", DeveloperView.as_view(), name="developer"),
    path("api/v1/", bx24_script, name="bx24"),
    re_path(r"^oauth/rest/(?P<method>[^/]+)/?\Z", ServerMethodView.as_view(), name="server-method"),
    # The vendor's SDKs look for it beside the methods of the server that a frame's form names.
    re_path(r"^oauth/oauth/token/{0,2}\Z", SdkTokenView.as_view(), name="server-token"),
]
