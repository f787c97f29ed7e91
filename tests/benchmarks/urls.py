"""One project with every contender in it; ours stands under `rest/`, as in the README."""

from __future__ import annotations

from django.urls import include, path

from tests.benchmarks.contenders import drf, floor

urlpatterns = [
    path("rest/", include("django_user_options.rest.urls")),
    path("floor/set", floor.set_options),
    path("floor/get-all", floor.get_all),
    path("update-or-create/", drf.UpdateOrCreate.as_view()),
    path("bulk-create/", drf.BulkCreate.as_view()),
    path("blob/", drf.Blob.as_view()),
]
