"""The router that the README offers is the one that is tried."""

from __future__ import annotations

import inspect

from tests.load.routers import PrimaryForOptions
from tests.variants.runner import ROOT


def test_the_readme_shows_the_router_that_is_tried() -> None:
    shown = f"```python\n{inspect.getsource(PrimaryForOptions)}```\n"
    assert shown in (ROOT / "tests/load/README.md").read_text()
