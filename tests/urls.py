"""The URLs of the tests' project: REST, the SDKs' token endpoint, and where users consent."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("o/", include("oauth2_provider.urls")),
    path("oauth/", include("django_user_options.rest.oauth_urls")),
    path("privacy/", include("django_user_options.person.urls")),
    path("rest/", include("django_user_options.rest.urls")),
    path("", include("django_user_options.portal.urls")),
]
