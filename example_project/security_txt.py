"""`/.well-known/security.txt` of RFC 9116, which says where to report a vulnerability."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils import timezone

if TYPE_CHECKING:
    from django.http import HttpRequest

# Put an address here that somebody reads.
CONTACT = "mailto:security@example.com"
LIFETIME = timedelta(days=90)


def security_txt(request: HttpRequest) -> HttpResponse:
    """Return the file, which never expires while the project is served."""
    lines = (
        f"Contact: {CONTACT}",
        f"Expires: {timezone.now() + LIFETIME:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, ru",
        f"Canonical: {request.build_absolute_uri(request.path)}",
    )
    return HttpResponse("\n".join((*lines, "")), content_type="text/plain; charset=utf-8")
