"""The token endpoint where the vendor's SDKs refresh tokens; include it under `oauth/`."""

from __future__ import annotations

from django.urls import re_path

from django_user_options.rest.token_endpoint import SdkTokenView

app_name = "django_user_options_oauth"

urlpatterns = [re_path(r"^token/{0,2}\Z", SdkTokenView.as_view(), name="token")]
