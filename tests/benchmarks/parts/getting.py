"""What `get` costs, and a batch beside the same calls one by one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.benchmarks import report
from tests.benchmarks.calls import Call, Host, keys, options
from tests.benchmarks.contenders import FLOOR, OURS
from tests.benchmarks.measure import count_statements, interleave, ratio, spread
from tests.load.owners import make_application, make_owner

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from tests.benchmarks.measure import Series

KEPT = 100
COMMANDS = 50
GET, SET = "user.option.get", "user.option.set"


def run(arguments: Namespace) -> dict[str, float]:
    """Measure `get` of one option, of all, and a batch."""
    seconds = 2 if arguments.quick else 6
    host, owner = Host(), make_owner(make_application())
    blob_owner = make_owner(owner.application)
    kept = {"options": options(keys(KEPT))}
    host.answer(Call("/rest/user.option.set", kept, owner.token).environ())
    host.answer(Call("/blob/", kept, blob_owner.token).environ())
    one = {"option": keys(KEPT)[KEPT // 2]}
    _measure(
        host,
        f"get: one of {KEPT} options",
        {
            FLOOR: Call("/floor/get", one, owner.token),
            OURS: Call(f"/rest/{GET}", one, owner.token),
        },
        seconds,
    )
    series = _measure(
        host,
        f"get: all {KEPT} options",
        {
            FLOOR: Call("/floor/get-all", {}, owner.token),
            OURS: Call(f"/rest/{GET}", {}, owner.token),
            "DRF and the ORM": Call("/bulk-create/", {}, owner.token, method="GET"),
            "blob": Call("/blob/", {}, blob_owner.token, method="GET"),
        },
        seconds,
    )
    _measure_batch(host, owner.token, seconds)
    return {"get all: ours / floor": ratio(series[OURS].cpu, series[FLOOR].cpu)}


def _measure(
    host: Host, title: str, contenders: Mapping[str, Call], seconds: float
) -> dict[str, Series]:
    series = interleave(
        host,
        {name: partial(_same, call) for name, call in contenders.items()},
        seconds=seconds,
    )
    report.heading(title)
    report.table(
        ("contender", "CPU ms", "× floor", "elapsed ms", "statements"),
        (
            (
                name,
                spread(one.cpu),
                f"{ratio(one.cpu, series[FLOOR].cpu):.2f}",
                spread(one.elapsed),
                count_statements(host, contenders[name]),
            )
            for name, one in series.items()
        ),
    )
    return series


def _same(call: Call) -> Call:
    return call


def _measure_batch(host: Host, token: str, seconds: float) -> None:
    names = keys(COMMANDS)
    batches = {
        GET: [f"{GET}?{urlencode({'option': name})}" for name in names],
        SET: [f"{SET}?{urlencode({f'options[{name}]': 'dark'})}" for name in names],
    }
    singles: dict[str, Any] = {
        GET: {"option": names[0]},
        SET: {"options": {names[0]: "dark"}},
    }
    report.heading(f"batch of {COMMANDS}, for each command")
    rows = []
    for method, commands in batches.items():
        series = interleave(
            host,
            {
                "batch": partial(Call, "/rest/batch", {"cmd": commands}, token),
                "single": partial(Call, f"/rest/{method}", singles[method], token),
            },
            seconds=seconds / 2,
        )
        each = [cpu / COMMANDS for cpu in series["batch"].cpu]
        single = series["single"].cpu
        rows.append((method, spread(each), spread(single), f"{ratio(each, single):.2f}"))
    report.table(("method", "CPU ms in a batch", "CPU ms of a single call", "ratio"), rows)
