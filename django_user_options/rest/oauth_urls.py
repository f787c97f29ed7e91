"""Where the vendor's clients ask for consent and for tokens; include it under `oauth/`."""

from __future__ import annotations

from django.urls import re_path

from django_user_options.rest.oauth_endpoints import SdkAuthorizationView, SdkTokenView

app_name = "django_user_options_oauth"

urlpatterns = [
    re_path(r"^authorize/{0,2}\Z", SdkAuthorizationView.as_view(), name="authorize"),
    re_path(r"^token/{0,2}\Z", SdkTokenView.as_view(), name="token"),
]
