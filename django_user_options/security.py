"""Reports what concerns security: to a log, for fail2ban and the like, and as a signal."""

from __future__ import annotations

import logging
from typing import Any

from django_user_options.signals import security_event

# What an attacker or a flood causes. The other events are acts of people with the right to them.
_WARNINGS = frozenset({"credential_refused", "throttled"})

logger = logging.getLogger("django_user_options.security")


def report(event: str, *, outcome: str, address: str = "", method: str = "", **facts: Any) -> None:
    """Log an event and send `security_event`, whose receivers `signals` describes.

    The message holds no text that a client chooses, so that no client can have another's address
    banned. The attribute `security_event` of the log record has the other facts.
    """
    application, user = facts.get("application"), facts.get("user")
    known = {
        "event": event,
        "outcome": outcome,
        "address": address,
        "method": method,
        "credential": facts.get("credential", ""),
        "credential_id": facts.get("credential_id"),
    }
    logged = {
        **known,
        "application": application and application.client_id,
        "user": user and str(user.pk),
        "cause": str(facts.get("cause") or ""),
    }
    logger.log(
        logging.WARNING if event in _WARNINGS else logging.INFO,
        "%s: %s, address %s, method %s",
        *(event, outcome, address or "unknown", method or "none"),
        extra={"security_event": logged},
    )
    security_event.send_robust(
        None, **known, application=application, user=user, cause=facts.get("cause")
    )
