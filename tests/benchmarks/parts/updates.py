"""What a change with a condition costs, and noticing that nothing changed."""

from __future__ import annotations

from functools import partial

from tests.benchmarks.calls import Call, Project, keys, options
from tests.benchmarks.measure import count_statements, interleave
from tests.benchmarks.report import ratio, spread, table
from tests.load.owners import make_owner

KEPT = 100
UPDATE, GET, SET = "update, one condition", "get one", "set one"
UNLESS, ALL = "keys, unless it is the same", "get all"


def run(*, quick: bool) -> dict[str, float]:
    """Measure `update` beside `get` and `set`, and `keys` with `unless` beside reading all."""
    written, read = make_owner(), make_owner()
    for owner in (written, read):
        owner.options.set_options(options(keys(KEPT)))
    changed, compared = keys(2)
    digest = written.options.keys().keys[compared].digest

    def call(method: str, parameters: object) -> Call:
        owner = read if method == "keys" else written
        return Call(f"/rest/user.option.{method}", parameters, owner.token)

    calls = {
        UPDATE: lambda: call("update", {"set": options([changed]), "if": {compared: digest}}),
        GET: partial(call, "get", {"option": compared}),
        SET: lambda: call("set", {"options": options([changed])}),
        UNLESS: partial(call, "keys", {"unless": read.options.keys().digest}),
        ALL: partial(call, "get", {}),
    }
    project = Project()
    statements = {name: count_statements(project, make()) for name, make in calls.items()}
    series = interleave(project, calls, seconds=2 if quick else 9)
    table(
        f"update and keys: an owner of {KEPT} options",
        ("call", "CPU ms", "elapsed ms", "statements"),
        (
            (name, spread(one.cpu), spread(one.elapsed), statements[name])
            for name, one in series.items()
        ),
    )
    pairs = zip(series[GET].elapsed, series[SET].elapsed, strict=True)
    both = [sum(pair) for pair in pairs]
    return {
        "update: update / get and set": ratio(series[UPDATE].elapsed, both),
        "update: keys / get all": ratio(series[UNLESS].elapsed, series[ALL].elapsed),
    }
