"""The application model of a host that swaps the toolkit's."""

from __future__ import annotations

from django.db import models
from oauth2_provider.models import AbstractApplication


class Client(AbstractApplication):
    """An application with a field of the host's."""

    colour = models.CharField(max_length=20, default="red")
