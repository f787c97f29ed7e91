"""The URLs of the example project."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from oauth2_provider.urls import base_urlpatterns

from example_project.landing import landing
from example_project.security_txt import security_txt

urlpatterns = [
    path("", landing, name="landing"),
    path(".well-known/security.txt", security_txt),
    path("admin/", admin.site.urls),
    path("o/", include((base_urlpatterns, "oauth2_provider"))),
    path("oauth/", include("django_user_options.rest.oauth_urls")),
    path("privacy/", include("django_user_options.person.urls")),
    path("rest/", include("django_user_options.rest.urls")),
    path("", include("django_user_options.portal.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(), name="docs"),
]
