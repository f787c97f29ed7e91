"""What one call costs, with no other at the same time: CPU time and statements."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.core.signals import setting_changed

from tests.benchmarks.calls import Call, Project, keys, options
from tests.benchmarks.contenders import (
    BULK_CREATE,
    FLOOR,
    OURS,
    PATHS_TO_GET_ALL,
    PATHS_TO_SET,
    UPDATE_OR_CREATE,
)
from tests.benchmarks.measure import compare
from tests.benchmarks.report import ratio
from tests.load.owners import make_owner

LIMITED = "ours, with a limit on calls"
SIZES = (2, 20, 100)
KEPT = 100


def measure_set(*, quick: bool) -> dict[str, float]:
    """Measure `set` of options that are there already."""
    project, tokens = Project(), _tokens_of_owners_with_options()
    figures: dict[str, float] = {}
    for size in SIZES:
        calls = {name: partial(_set, name, token, size) for name, token in tokens.items()}
        title = f"set: {size} options, all there already"
        series = compare(project, title, calls, seconds=2 if quick else 9)
        ours = series[OURS].cpu
        figures[f"set {size}: ours / floor"] = ratio(ours, series[FLOOR].cpu)
        for name in (BULK_CREATE, UPDATE_OR_CREATE):
            figures[f"set {size}: {name} / ours"] = ratio(series[name].cpu, ours)
    return figures


def measure_get(*, quick: bool) -> dict[str, float]:
    """Measure `get` of all options."""
    tokens = _tokens_of_owners_with_options()
    calls = {
        name: partial(Call, path, {}, tokens[name], method)
        for name, (path, method) in PATHS_TO_GET_ALL.items()
    }
    series = compare(Project(), f"get: all {KEPT} options", calls, seconds=2 if quick else 6)
    return {"get all: ours / floor": ratio(series[OURS].cpu, series[FLOOR].cpu)}


def measure_limit(*, quick: bool) -> dict[str, float]:
    """Measure what a limit on calls adds, counted in memory, of which no call gets near it."""
    owner, limits = make_owner(), {FLOOR: "", OURS: "", LIMITED: "1000000 per 1 hour"}
    calls = {
        name: partial(_get_under_limit, limit, PATHS_TO_GET_ALL.get(name), owner.token)
        for name, limit in limits.items()
    }
    series = compare(Project(), "limit: get no options", calls, seconds=2 if quick else 9)
    return {"limit: with / without": ratio(series[LIMITED].cpu, series[OURS].cpu)}


def _get_under_limit(limit: str, place: tuple[str, str] | None, token: str) -> Call:
    """Return a call, before which the project's limit changes."""
    settings.USER_OPTIONS = {"CALL_LIMIT": limit}
    setting_changed.send(None, setting="USER_OPTIONS", value=settings.USER_OPTIONS, enter=True)
    path, method = place or PATHS_TO_GET_ALL[OURS]
    return Call(path, {}, token, method)


def _tokens_of_owners_with_options() -> dict[str, str]:
    """Return the token of an owner for each contender, which has set that owner's options."""
    project = Project()
    tokens = {name: make_owner().token for name in PATHS_TO_SET}
    for name, token in tokens.items():
        project.answer(_set(name, token, KEPT).environ())
    return tokens


def _set(name: str, token: str, size: int) -> Call:
    return Call(PATHS_TO_SET[name], {"options": options(keys(size))}, token)
