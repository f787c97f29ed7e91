"""The urls of a project whose admin has another theme."""

from __future__ import annotations

import os

from django.urls import include, path

from tests.urls import urlpatterns as others

own = {"grappelli": [path("grappelli/", include("grappelli.urls"))]}
urlpatterns = [*own.get(os.environ["THEME"], []), *others]
