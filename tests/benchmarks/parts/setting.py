"""What one `set` costs: CPU time and statements, for 2, 20 and 100 options."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from django.db import connection

from django_user_options.models import AppUserOption
from tests.benchmarks import calls, report
from tests.benchmarks.measure import Series, count_statements, interleave, ratio, spread

if TYPE_CHECKING:
    from collections.abc import Callable

FLOOR, OURS = "floor", "ours"
PATHS = {
    FLOOR: "/floor/set",
    "floor in one statement": "/floor/set-in-one",
    OURS: "/rest/user.option.set",
    "bulk_create": "/bulk-create/",
    "blob": "/blob/",
    "update_or_create": "/update-or-create/",
}
SIZES = (2, 20, 100)
KEPT = 100
_versions = itertools.count()


def paths() -> dict[str, str]:
    """Return the contenders that this database can run."""
    only_postgresql = {"floor in one statement"} if connection.vendor != "postgresql" else set()
    return {name: path for name, path in PATHS.items() if name not in only_postgresql}


def run(seconds: float) -> dict[str, float]:
    """Measure options that exist, and options that are new."""
    host, application = calls.Host(), calls.make_application()
    owners = {name: calls.make_owner(application) for name in paths()}
    for name, path in paths().items():
        _call(host, path, owners[name], calls.options(calls.keys(KEPT)))
    figures = {}
    for prepare, what in ((_rewriting, "rewriting existing"), (_adding, "adding new")):
        for size in SIZES:
            contenders = {
                name: prepare(host, path, owners[name], size) for name, path in paths().items()
            }
            statements = {name: count_statements(make(1)) for name, make in contenders.items()}
            series = interleave(contenders, seconds=seconds / 2 / len(SIZES))
            _print(f"set: {what} options, {size} of them", series, statements)
            if prepare is _rewriting:
                figures |= _figures(series, size)
    return figures


def _rewriting(
    host: calls.Host, path: str, owner: calls.Owner, size: int
) -> Callable[[int], Callable[[], None]]:
    """Each call gives the same options new values."""
    names = calls.keys(size)

    def prepare(count: int) -> Callable[[], None]:
        return _calls(
            host, path, owner, [calls.options(names, next(_versions)) for _ in range(count)]
        )

    return prepare


def _adding(
    host: calls.Host, path: str, owner: calls.Owner, size: int
) -> Callable[[int], Callable[[], None]]:
    """Each call brings options that the owner does not have; a block begins with none."""

    def prepare(count: int) -> Callable[[], None]:
        AppUserOption.objects.filter(user=owner.user).delete()
        blocks = [calls.keys(size, f"new-{number}") for number in range(count)]
        return _calls(host, path, owner, [calls.options(names) for names in blocks])

    return prepare


def _calls(
    host: calls.Host, path: str, owner: calls.Owner, bodies: list[dict[str, Any]]
) -> Callable[[], None]:
    requests = [
        calls.environ(path, calls.body_of({"options": options}), owner.token) for options in bodies
    ]

    def run_all() -> None:
        for request in requests:
            host.call(request)

    return run_all


def _call(host: calls.Host, path: str, owner: calls.Owner, options: dict[str, Any]) -> None:
    _calls(host, path, owner, [options])()


def _print(title: str, series: dict[str, Series], statements: dict[str, Any]) -> None:
    report.heading(title)
    report.table(
        ("contender", "CPU ms", "× floor", "× ours", "elapsed ms", "statements"),
        (
            (
                name,
                spread(one.cpu),
                f"{ratio(one.cpu, series[FLOOR].cpu):.2f}",
                f"{ratio(one.cpu, series[OURS].cpu):.2f}",
                spread(one.elapsed),
                statements[name],
            )
            for name, one in series.items()
        ),
    )


def _figures(series: dict[str, Series], size: int) -> dict[str, float]:
    ours = series[OURS].cpu
    return {
        f"set {size} ours/floor": ratio(ours, series[FLOOR].cpu),
        f"set {size} bulk_create/ours": ratio(series["bulk_create"].cpu, ours),
        f"set {size} update_or_create/ours": ratio(series["update_or_create"].cpu, ours),
    }
