"""`BX24`, the script for pages of applications, and its declarations."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from django_user_options import portal
from tests.npm import installed

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path(portal.__file__).parent / "static/django_user_options/portal"
SCRIPT, DECLARATIONS = FOLDER / "bx24.js", FOLDER / "bx24.d.ts"
_COMPILER = ("--noEmit", "--target", "es2022", "--lib", "es2022,dom,dom.iterable")
PAGE = """\
BX24.init(() => {
  const zoom: number = BX24.userOption.get('zoom')
  BX24.userOption.set('zoom', zoom + 0.5)
  BX24.callMethod<true>('user.option.set', { options: { a: 1 } }, (result) => {
    const stored: true = result.data()
    const code: string | undefined = result.error()?.ex.error
    console.log(stored, code, result.total().toFixed())
  })
  BX24.callBatch({ a: ['profile'], b: { method: 'scope' } }, ({ a, b }) => b.next() && a.next())
  BX24.callBatch([['profile']], (results) => results[0].data(), true)
})
BX24.install('install.js')
// @ts-expect-error: there are no tokens before init
BX24.getAuth().access_token
// @ts-expect-error: a value is missing
BX24.userOption.set('zoom')
// @ts-expect-error: there is no such method
BX24.callMethods('profile')
"""


def run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.sdk
def test_the_script_in_a_stub_of_a_window() -> None:
    run(["node", "--test", Path(__file__).with_name("bx24.test.mjs")])


@pytest.mark.sdk
def test_the_declarations_fit_the_script_and_pages(tmp_path: Path) -> None:
    compiler = installed("typescript@5.9.3") / "node_modules/.bin/tsc"
    unused = ["--noUnusedLocals", "--noUnusedParameters"]
    run([compiler, *_COMPILER, "--checkJs", *unused, SCRIPT, DECLARATIONS])
    page = tmp_path / "page.ts"
    page.write_text(PAGE)
    run([compiler, *_COMPILER, "--strict", page, DECLARATIONS])
