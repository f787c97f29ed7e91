"""Writer processes under load, their accounts, and the verdict as a table."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.cluster.ledger import Ledger, losses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ROOT = Path(__file__).parents[2]
_SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.cluster.host"}


class Load:
    """What the writers told, once they have stopped."""

    def __init__(self) -> None:
        self.accounts: list[dict[str, Any]] = []
        self.seconds = 0.0

    def losses(self, stored: Mapping[str, Any]) -> list[str]:
        """Return the keys that are not, or were not, stored as some acknowledged call left them."""
        seen = [key for account in self.accounts for key in account["lost"]]
        return seen + losses([Ledger(**account["ledger"]) for account in self.accounts], stored)

    def table(self) -> dict[str, str]:
        """Return the figures, by name."""
        tried = sum(account["turns"] for account in self.accounts)
        refused: Counter[str] = sum((Counter(a["refused"]) for a in self.accounts), Counter())
        kinds = ", ".join(f"{number:,} × {kind}" for kind, number in refused.most_common())
        return {
            "writers": str(len(self.accounts)),
            "writes tried": f"{tried:,}",
            "acknowledged": f"{tried - refused.total():,}",
            "refused": f"{refused.total():,}" + (f" ({kinds})" if kinds else ""),
            "conflicts tried again": f"{sum(a['retries'] for a in self.accounts):,}",
            "longest call": f"{max(a['longest'] for a in self.accounts):.1f} s",
            "seconds of load": f"{self.seconds:.0f}",
        }


@contextlib.contextmanager
def writers(urls: list[str], ways: list[str], issued: Mapping[str, Any]) -> Iterator[Load]:
    """Let writers call while the block runs: of each way one at every address."""
    load = Load()
    plan = [(url, way) for way in ways for url in urls]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.cluster.writer", str(number), way, json.dumps(issued)],
            cwd=_ROOT,
            env={**os.environ, **_SETTINGS, "NODES": url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number, (url, way) in enumerate(plan)
    ]
    try:
        for process in processes:
            assert process.stdout.readline() == b"ready\n"
        start = time.monotonic()
        yield load
        # Together: one that is read to its end would let the others go on meanwhile.
        for process in processes:
            process.stdin.close()
        load.seconds = time.monotonic() - start
        for process in processes:
            load.accounts.append(json.loads(process.stdout.read()))
            assert process.wait(timeout=60) == 0
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()


def prepare_host(urls: list[str]) -> dict[str, str]:
    """Make this process a host on these nodes, with an owner of options and a token."""
    os.environ |= {**_SETTINGS, "NODES": " ".join(urls)}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return {"token": _issue_token()}


def _issue_token() -> str:
    import secrets
    from datetime import timedelta

    from django.contrib.auth import get_user_model
    from django.utils import timezone
    from oauth2_provider.models import AccessToken, Application

    user = get_user_model().objects.create_user("ann")
    application = Application.objects.create(
        name="Notes",
        user=user,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris="http://127.0.0.1/",
        hash_client_secret=False,
    )
    return AccessToken.objects.create(
        application=application,
        user=user,
        token=secrets.token_urlsafe(24),
        scope="basic",
        expires=timezone.now() + timedelta(days=1),
    ).token


def as_markdown(figures: Mapping[str, str]) -> str:
    """Return the figures as a table of two columns."""
    rows = [f"| {name} | {figure} |" for name, figure in figures.items()]
    return "\n".join(["| | |", "| --- | --- |", *rows])
