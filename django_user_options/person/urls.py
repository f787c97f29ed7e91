"""The URLs of the pages about the logged-in user, for `include()`."""

from __future__ import annotations

from django.urls import path

from django_user_options.person.person_views import ErasureView, ExportView, OverviewView

app_name = "django_user_options_person"

urlpatterns = [
    path("", OverviewView.as_view(), name="overview"),
    path("export/", ExportView.as_view(), name="export"),
    path("erase/<path:application>/", ErasureView.as_view(), name="erase"),
]
