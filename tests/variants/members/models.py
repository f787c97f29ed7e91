"""A project's own models: users with UUIDs and no username, applications with a color."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from oauth2_provider.models import AbstractApplication


class MemberManager(BaseUserManager["Member"]):
    """Creates members."""

    def create_user(self, email: str, password: str, **fields: Any) -> Member:
        member = self.model(email=email, **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member


class Member(AbstractUser):
    """A user without a username."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = None
    email = models.EmailField(unique=True)

    objects = MemberManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []


class Client(AbstractApplication):
    """An application with a field of the project's."""

    color = models.CharField(max_length=20, default="red")
