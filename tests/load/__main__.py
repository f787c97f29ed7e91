"""Runs the scenarios and prints what came of them; exits with 1 if a promise was broken."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from tests.load.jobs import SCENARIOS, SERVERS, Job
from tests.load.scenario import CONNECTION_OPTIONS, DATABASES
from tests.load.servers import workplace
from tests.load.verdict.report import Result, as_table
from tests.load.writers import processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path


def main() -> int:
    options = _parse()
    results = []
    with workplace() as folder:
        for job in _jobs(options, folder):
            for result in _play(job):
                results.append(result)
                _tell(result)
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
        places: list[dict[str, Any]] = [{}, {"small_disk": True}]
        places += [{"options": name} for name in CONNECTION_OPTIONS.get(database, {})]
        for number, place in enumerate(places):
            own = folder / f"{database}-{number}"
            job = Job(database, own, chosen, short=options.short, **place)
            if job.scenarios:
                yield job


def _play(job: Job) -> Iterator[Result]:
    """Play a job in a process of its own, which sets up Django for that database."""
    if job.small_disk and os.geteuid() != 0:
        print(f"left out on {job.place}, as only root may mount a small disk")
        return
    receiver, sender = processes.Pipe(duplex=False)
    process = processes.Process(target=_send_results, args=(job, sender))
    process.start()
    sender.close()
    try:
        while True:
            yield receiver.recv()
    except EOFError:
        process.join()
    except BaseException:
        process.terminate()
        process.join()
        raise
    if process.exitcode:
        complaint = f"ended with {process.exitcode} before its scenarios did"
        yield Result("all scenarios", job.place, "", complaints=[complaint])


def _send_results(job: Job, sender: Connection) -> None:
    for result in job.play():
        sender.send(result)


def _tell(result: Result) -> None:
    verdict = "good" if result.good else "BROKEN"
    print(
        f"{verdict}: {result.scenario}, {result.place}, {result.door},"
        f" {result.outcomes.total()} writes, {result.seconds:.1f} s",
        *result.notes,
        *result.complaints[:10],
        sep="\n    ",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
