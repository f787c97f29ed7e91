"""The urls of the tests' host."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("rest/", include("django_user_options.rest.urls")),
]
