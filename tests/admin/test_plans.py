"""A million options on PostgreSQL: no screen reads the table of options from end to end.

`DATABASE_URL=postgres://… python -m pytest -m plans -s` prints each screen's statements on the
tables of options with the milliseconds and the scans of their plans.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from oauth2_provider.models import get_application_model

from django_user_options.models import AppOption, AppUserOption, Overview
from tests.admin.screens import application_url, owner_url, person_url, statements, url

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = [pytest.mark.plans, pytest.mark.django_db]

USERS = 10_000
APPLICATIONS = 1_000
TABLES = {AppUserOption._meta.db_table, AppOption._meta.db_table}
# The first application has half of all, each user ten or more in one of the others. One value in
# a hundred thousand is null; all of these are among the oldest rows, where no search begins.
FILL = f"""
    INSERT INTO auth_user (id, username, password, first_name, last_name, email,
                           is_superuser, is_staff, is_active, date_joined)
        SELECT 1000 + n, 'user' || n, '!', '', '', '', false, false, true, now()
        FROM generate_series(1, {USERS}) n;
    INSERT INTO oauth2_provider_application
            (id, client_id, name, client_type, authorization_grant_type, client_secret,
             redirect_uris, post_logout_redirect_uris, skip_authorization, algorithm,
             hash_client_secret, allowed_origins, created, updated, registration_source)
        SELECT 1000 + n, 'client' || n, 'Application ' || n, 'confidential',
               'authorization-code', '', '', '', false, '', false, '', now(), now(), ''
        FROM generate_series(1, {APPLICATIONS}) n;
    INSERT INTO {AppUserOption._meta.db_table}
            (application_id, user_id, key, value, size, created_at, updated_at)
        SELECT CASE WHEN n % 2 = 0 THEN 1001 ELSE 1002 + n / 2 / 50 % {APPLICATIONS - 1} END,
               1001 + n / 2 / 50 % {USERS}, 'key.' || n % 100 || '.' || n / 1000000,
               CASE WHEN n < 1000000 AND n % 100000 = 1 THEN 'null'
                    WHEN n % 3 = 0 THEN '"text ' || n || '"'
                    WHEN n % 3 = 1 THEN '{{"a": ' || n || '}}' ELSE n::text END,
               20, now() - (1000000 - n) * interval '1 minute',
               now() - (1000000 - n) * interval '1 minute'
        FROM generate_series(1, 1000000) n;
    INSERT INTO {AppOption._meta.db_table}
            (application_id, key, value, size, created_at, updated_at)
        SELECT 1001 + n / 1000, 'key.' || n % 1000, n::text, 20, now(), now()
        FROM generate_series(0, 999999) n;
    ANALYZE;
"""


def _plan(sql: str) -> tuple[float, set[str]]:
    """Return the milliseconds that a statement takes, and how it reads the tables of options."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        (found,) = cursor.fetchone()
    (explained,) = found if isinstance(found, list) else json.loads(found)
    return explained["Execution Time"], set(_scans(explained["Plan"]))


def _scans(node: dict[str, Any]) -> Iterator[str]:
    if node.get("Relation Name") in TABLES or "Index Name" in node:
        yield node["Node Type"]
    for child in node.get("Plans", ()):
        yield from _scans(child)


def _screens() -> list[str]:
    large, small = get_application_model().objects.filter(pk__in=(1001, 1500)).order_by("pk")
    user = get_user_model().objects.get(pk=1501)
    filters = [
        "",
        "p=20",
        "q=key.42",
        "q=key.7.1",
        "q=nothing",
        "q=user42",
        "q=client500",
        "q=Application+1",
        f"application={small.pk}",
        f"application={large.pk}",
        f"user={user.pk}",
        f"application={large.pk}&user={user.pk}",
        "type=object",
        "type=null",
        f"type=null&application={large.pk}",
        f"type=null&user={user.pk}",
        "changed=1",
        f"q=key.4&application={large.pk}&type=string&changed=365",
        "o=1",
        "o=-5",
        f"o=6&application={small.pk}",
    ]
    own = url(AppOption, "changelist")
    return [
        *(f"{url(AppUserOption, 'changelist')}?{query}" for query in filters),
        *(f"{own}?{query}" for query in ("", "q=key.99", f"type=null&application={small.pk}")),
        owner_url(large, user),
        application_url(small),
        application_url(large),
        f"{application_url(large)}?o=keys",
        url(Overview, "changelist"),
        f"{url(Overview, 'changelist')}?q=ser42",
        person_url(user),
        person_url(user, "_erase"),
        url(AppUserOption, "change", AppUserOption.objects.latest("pk").pk),
    ]


def test_no_screen_scans_the_options(page: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL)
    scanned = []
    for address in _screens():
        taken = statements(page, address)
        plans = [_plan(sql) for sql in taken if any(table in sql for table in TABLES)]
        scans = set().union(*(scans for _, scans in plans))
        total = sum(milliseconds for milliseconds, _ in plans)
        print(f"{len(taken):3}{total:9.1f} ms  {address}  {', '.join(sorted(scans))}")
        assert len(taken) <= 14
        scanned += [address] if "Seq Scan" in scans else []
    assert scanned == []
    totals = page.get(url(Overview, "changelist")).context["totals"]
    assert totals["options"] == pytest.approx(2_000_000, rel=0.1)
