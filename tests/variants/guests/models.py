"""The models of a project: users with text as primary key, and what points to a webhook."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models

from django_user_options.models import InboundWebhook


def new_id() -> str:
    """Return a key that looks as if the admin had quoted it."""
    return f"guest_22{secrets.token_hex(8)}"


class GuestManager(UserManager["Guest"]):
    """Knows only those who have not left."""

    def get_queryset(self) -> models.QuerySet[Guest]:
        return super().get_queryset().filter(left_at=None)


class Guest(AbstractUser):
    """A user who is hidden once they have left."""

    id = models.CharField(primary_key=True, default=new_id, max_length=32, editable=False)
    left_at = models.DateTimeField(null=True)

    objects: Any = GuestManager()


class Delivery(models.Model):
    """A record that is deleted together with its webhook."""

    webhook = models.OneToOneField(InboundWebhook, on_delete=models.CASCADE, primary_key=True)

    def __str__(self) -> str:
        return str(self.webhook)
