"""The scripts for browsers, among them `BX24` for pages of applications."""

from __future__ import annotations

import gzip
import os
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


def run(command: Sequence[str | Path], **environment: str) -> None:
    environment = {**os.environ, **environment}
    done = subprocess.run(
        command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("script", "limit"), [("portal.js", 8_000), ("bx24.js", 12_000)])
def test_the_scripts_are_small_even_with_their_comments(script: str, limit: int) -> None:
    assert len(gzip.compress((FOLDER / script).read_bytes())) < limit


@pytest.mark.sdk
def test_the_scripts_are_clean() -> None:
    folder = installed("eslint@9.39.1", "@eslint/js@9.39.1", "globals@16.5.0")
    config = Path(__file__).with_name("eslint.config.mjs")
    linter = folder / "node_modules/.bin/eslint"
    run([linter, "--max-warnings", "0", "--config", config, "."], NPM_FOLDER=str(folder))


@pytest.mark.sdk
def test_bx24_in_a_stub_of_a_window() -> None:
    run(["node", "--test", Path(__file__).with_name("bx24.test.mjs")])


@pytest.mark.sdk
def test_the_declarations_fit_the_script_and_pages(tmp_path: Path) -> None:
    compiler = installed("typescript@5.9.3") / "node_modules/.bin/tsc"
    unused = ["--noUnusedLocals", "--noUnusedParameters"]
    run([compiler, *_COMPILER, "--checkJs", *unused, SCRIPT, DECLARATIONS])
    page = tmp_path / "page.ts"
    page.write_text(PAGE)
    run([compiler, *_COMPILER, "--strict", page, DECLARATIONS])
