"""What one `set` costs: CPU time and statements, for 2, 20 and 100 options."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.benchmarks import report
from tests.benchmarks.calls import Call, Host, keys, options
from tests.benchmarks.contenders import BULK_CREATE, FLOOR, OURS, UPDATE_OR_CREATE, paths_to_set
from tests.benchmarks.measure import Series, count_statements, interleave, ratio, spread
from tests.load.owners import Owner, make_application, make_owner

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from tests.benchmarks.measure import MakeCall

SIZES = (2, 20, 100)
KEPT = 100


def run(arguments: Namespace) -> dict[str, float]:
    """Measure options that are there already, and options that are new."""
    seconds = 2 if arguments.quick else 9
    host, application = Host(), make_application()
    owners = {name: _owner_with_options(host, application, path) for name, path in paths()}
    figures: dict[str, float] = {}
    for size in SIZES:
        rewriting = {name: partial(_rewrite, path, owners[name], size) for name, path in paths()}
        series = _measure(host, f"set: {size} options, all there already", rewriting, seconds)
        figures |= _figures(series, size)
    for size in SIZES:
        adding = {name: partial(_add, path, application, size) for name, path in paths()}
        _measure(host, f"set: {size} options, the first of a user", adding, seconds / 2)
    return figures


def paths() -> Any:
    """Return the contenders' names and paths."""
    return paths_to_set().items()


def _owner_with_options(host: Host, application: Any, path: str) -> Owner:
    owner = make_owner(application)
    host.answer(_rewrite(path, owner, KEPT).environ())
    return owner


def _rewrite(path: str, owner: Owner, size: int) -> Call:
    return Call(path, {"options": options(keys(size))}, owner.token)


def _add(path: str, application: Any, size: int) -> Call:
    return _rewrite(path, make_owner(application), size)


def _measure(
    host: Host, title: str, contenders: Mapping[str, MakeCall], seconds: float
) -> dict[str, Series]:
    statements = {
        name: count_statements(host, make_call()) for name, make_call in contenders.items()
    }
    series = interleave(host, contenders, seconds=seconds)
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
    return series


def _figures(series: Mapping[str, Series], size: int) -> dict[str, float]:
    ours = series[OURS].cpu
    return {
        f"set {size}: ours / floor": ratio(ours, series[FLOOR].cpu),
        f"set {size}: bulk_create / ours": ratio(series[BULK_CREATE].cpu, ours),
        f"set {size}: update_or_create / ours": ratio(series[UPDATE_OR_CREATE].cpu, ours),
    }
