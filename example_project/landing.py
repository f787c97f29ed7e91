"""The first page of the demo: what runs here, and a button that stores an option."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import render
from oauth2_provider.models import AccessToken

from example_project.records import USERNAME

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def landing(request: HttpRequest) -> HttpResponse:
    """Show the addresses, and the newest token with which the button calls a method."""
    tokens = AccessToken.objects.filter(
        application__client_id=settings.DEMO_CLIENT_ID, user__username=USERNAME, scope="basic"
    )
    token = tokens.order_by("-expires", "-pk").first()
    context = {"token": token, "client_id": settings.DEMO_CLIENT_ID}
    return render(request, "landing.html", context)
