"""Runs the scenarios and prints what came of them; exits with 1 if a promise was broken."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children
from typing import TYPE_CHECKING, Any

from tests.load.jobs import SCENARIOS, SERVERS, Job
from tests.load.scenario import CONNECTION_OPTIONS, DATABASES
from tests.load.servers import workplace
from tests.load.verdict.report import Result, as_table
from tests.load.writers import processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def main() -> int:
    options = _parse()
    results: list[Result] = []
    with workplace() as folder:
        for job in _jobs(options, folder):
            results += _play(job)
        broken = not all(result.good for result in results)
        if broken:
            kept = shutil.copytree(
                folder, f"{folder}-kept", ignore=shutil.ignore_patterns("data", "disk")
            )
    print(f"\n{as_table(results)}")
    if broken:
        print(f"\nA promise was broken. Logs and ledgers are in {kept}", file=sys.stderr)
    return int(broken)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument(
        "--short",
        action="store_true",
        help="a few rounds of everything, through REST where it can be",
    )
    parser.add_argument(
        "--database",
        action="append",
        choices=SERVERS,
        help=f"may be repeated; {', '.join(DATABASES)} without it",
    )
    parser.add_argument(
        "scenario",
        nargs="*",
        help=f"all but flood unless named: {', '.join(SCENARIOS)}",
        metavar="SCENARIO",
    )
    options = parser.parse_args()
    if unknown := set(options.scenario) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    return options


def _jobs(options: argparse.Namespace, folder: Path) -> Iterator[Job]:
    """Yield the jobs that have something to do, each in a folder of its own."""
    usual = [name for name, scenario in SCENARIOS.items() if not scenario.only_if_named]
    chosen = options.scenario or usual
    for database in options.database or DATABASES:
        ways = list(CONNECTION_OPTIONS.get(database, {}))
        places: list[dict[str, Any]] = [{}, {"small_disk": True}]
        # The last one asks most of the package.
        places += [{"options": name} for name in (ways[-1:] if options.short else ways)]
        for number, place in enumerate(places):
            own = folder / f"{database}-{number}"
            job = Job(database, own, chosen, short=options.short, **place)
            if job.scenarios:
                yield job


def _play(job: Job) -> list[Result]:
    """Play a job in a process of its own, which sets up Django for that database."""
    if job.small_disk and os.geteuid() != 0:
        print(f"left out on {job.place}, as only root may mount a small disk")
        return []
    with ProcessPoolExecutor(1, mp_context=processes) as pool:
        try:
            return pool.submit(_tell_results, job).result()
        except BrokenProcessPool as error:
            return [Result("all scenarios", job.place, "", complaints=[str(error)])]
        except BaseException:
            for process in active_children():
                process.terminate()
            raise


def _tell_results(job: Job) -> list[Result]:
    results = []
    for result in job.play():
        results.append(result)
        verdict = "good" if result.good else "BROKEN"
        print(
            f"{verdict}: {result.scenario}, {result.place}, {result.door},"
            f" {result.outcomes.total()} writes, {result.seconds:.1f} s",
            *result.notes,
            *result.complaints[:10],
            sep="\n    ",
            flush=True,
        )
    return results


if __name__ == "__main__":
    sys.exit(main())
