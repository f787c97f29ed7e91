"""A million options on PostgreSQL: no screen reads the table of options from end to end.

`DATABASE_URL=postgres://… python -m pytest -m plans -s` prints each screen's statements on the
tables of options with the milliseconds and the scans of their plans.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

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


class Plan(NamedTuple):
    milliseconds: float
    scans: list[str]


def _plan(sql: str) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        (found,) = cursor.fetchone()
    (explained,) = found if isinstance(found, list) else json.loads(found)
    return Plan(explained["Execution Time"], list(_scans(explained["Plan"])))


def _scans(node: dict[str, Any]) -> Iterator[str]:
    """Yield how the plan reads the tables of options."""
    if node.get("Relation Name") in TABLES or "Index Name" in node:
        yield node["Node Type"]
    for child in node.get("Plans", ()):
        yield from _scans(child)


def _screens() -> dict[str, tuple[str, dict[str, Any]]]:
    large, small = get_application_model().objects.filter(pk__in=(1001, 1500)).order_by("pk")
    user = get_user_model().objects.get(pk=1501)
    users, own = url(AppUserOption, "changelist"), url(AppOption, "changelist")
    return {
        "list": (users, {}),
        "list, page 20": (users, {"p": 20}),
        "search: key": (users, {"q": "key.42"}),
        "search: rare key": (users, {"q": "key.7.1"}),
        "search: no such": (users, {"q": "nothing"}),
        "search: user": (users, {"q": "user42"}),
        "search: client id": (users, {"q": "client500"}),
        "search: large application": (users, {"q": "Application 1"}),
        "filter: application": (users, {"application": small.pk}),
        "filter: large application": (users, {"application": large.pk}),
        "filter: user": (users, {"user": user.pk}),
        "filter: application, user": (users, {"application": large.pk, "user": user.pk}),
        "filter: type": (users, {"type": "object"}),
        "filter: rare type": (users, {"type": "null"}),
        "filter: rare type, large application": (users, {"type": "null", "application": large.pk}),
        "filter: rare type, user": (users, {"type": "null", "user": user.pk}),
        "filter: date": (users, {"changed": "1"}),
        "filter: all, search": (
            users,
            {"q": "key.4", "application": large.pk, "type": "string", "changed": "365"},
        ),
        "sort: key": (users, {"o": "1"}),
        "sort: size": (users, {"o": "-5"}),
        "sort: date, application": (users, {"o": "6", "application": small.pk}),
        "owner": (owner_url(large, user), {}),
        "application": (application_url(small), {}),
        "large application": (application_url(large), {}),
        "application options": (own, {}),
        "application options: search": (own, {"q": "key.99"}),
        "application options: filter": (own, {"application": small.pk, "type": "null"}),
        "overview": (url(Overview, "changelist"), {}),
        "overview: search": (url(Overview, "changelist"), {"q": "ser42"}),
        "person": (person_url(user), {}),
        "person: erase": (person_url(user, "_erase"), {}),
        "application: by keys": (application_url(large), {"o": "keys"}),
        "option": (url(AppUserOption, "change", AppUserOption.objects.latest("pk").pk), {}),
    }


def test_no_screen_scans_the_options(page: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL)
    print(f"\n{'screen':38}{'statements':>11}{'ms':>9}  scans of the options")
    scans_of: dict[str, set[str]] = {}
    for name, (address, parameters) in _screens().items():
        taken = statements(page, address, **parameters)
        plans = [_plan(sql) for sql in taken if any(table in sql for table in TABLES)]
        scans_of[name] = {scan for plan in plans for scan in plan.scans}
        total = sum(plan.milliseconds for plan in plans)
        print(f"{name:38}{len(taken):>11}{total:>9.1f}  {', '.join(sorted(scans_of[name]))}")
        assert len(taken) <= (12 if name == "overview" else 14)
    assert [name for name, scans in scans_of.items() if "Seq Scan" in scans] == []
    totals = page.get(url(Overview, "changelist")).context["totals"]
    assert totals["options"] == pytest.approx(2_000_000, rel=0.1)
