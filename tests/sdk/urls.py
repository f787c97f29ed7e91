"""A host as the vendor's SDKs expect one: REST, their token endpoint, and where users consent."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("rest/", include("django_user_options.rest.urls")),
    path("oauth/", include("django_user_options.rest.oauth_urls")),
    path("o/", include("oauth2_provider.urls")),
]
