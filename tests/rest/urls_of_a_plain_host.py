"""The methods stand under a plain prefix, the token endpoint under one that captures a word."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("plain/rest/", include("django_user_options.rest.urls")),
    path("plain/<slug:tenant>/oauth/", include("django_user_options.rest.oauth_urls")),
]
