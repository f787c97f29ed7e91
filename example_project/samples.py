"""People and applications of a small company, so that every screen of the admin shows something."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from oauth2_provider.models import Application

from django_user_options.models import AppOption, AppUserOption, InboundWebhook

_PEOPLE = (
    ("grace", "Grace", "Hopper"),
    ("alan", "Alan", "Turing"),
    ("mary", "Mary", "Jackson"),
    ("sofia", "Софья", "Ковалевская"),
    ("dmitri", "Дмитрий", "Менделеев"),
    ("maria", "Мария", "Склодовская"),
)
_APPLICATIONS = ("Sales board", "Time tracker", "Планировщик задач")
_OPTIONS: dict[str, Any] = {
    "theme": "dark",
    "language": "ru",
    "columns": ["name", "date", "amount"],
    "filter.saved": {"title": "Отчёт за квартал", "only": ["open", "late"]},
    "last.position": {"x": 10, "y": 20},
    "notifications": True,
    "zoom": 1.25,
    "draft": "The meeting was moved to Thursday; please bring the third-quarter figures.",
}


def make_samples() -> None:
    """Create the people, their applications and options, unless an earlier run has."""
    if Application.objects.filter(client_id="sample-1").exists():
        return
    chance = random.Random(1)  # noqa: S311
    people = [
        User.objects.get_or_create(
            username=name,
            defaults={"first_name": first, "last_name": last, "email": f"{name}@example.com"},
        )[0]
        for name, first, last in _PEOPLE
    ]
    for number, name in enumerate(_APPLICATIONS, start=1):
        application = Application.objects.create(
            client_id=f"sample-{number}",
            name=name,
            user=people[0],
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        )
        AppOption.objects.for_owner(application).set_options({"version": number, "plan": "free"})
        for person in people:
            keys = chance.sample(sorted(_OPTIONS), number * 2)
            owned = AppUserOption.objects.for_owner(application, person)
            owned.set_options({key: _OPTIONS[key] for key in keys})
            changed = timezone.now() - timedelta(days=chance.randrange(30))
            owned.update(created_at=changed, updated_at=changed)
        InboundWebhook.objects.issue(
            owner=people[number],
            application=application,
            title=name,
            expires_at=timezone.now() + timedelta(days=20 * number),
        )
