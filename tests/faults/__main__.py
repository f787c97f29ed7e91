"""Runs the scenarios and prints what came of them; exits with 1 if a promise was broken."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.run import SCENARIOS, Job
from tests.faults.scenario import DATABASES, ISOLATION_LEVELS
from tests.faults.verdict.report import Result, as_table, by_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

_processes = multiprocessing.get_context("fork")


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    # So that servers are stopped on the way out; the processes of the jobs inherit it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    # Servers of another account must find their data below it.
    folder.chmod(0o755)
    results = []
    for job in _jobs(options, folder):
        for result in _play(job):
            results.append(result)
            _tell(result)
    print(f"\n{as_table(results)}\n\n{as_table(by_scenario(results))}")
    if not all(result.good for result in results):
        print(f"\nA promise was broken. Logs and ledgers are in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a few rounds of everything")
    parser.add_argument("--database", action="append", choices=DATABASES, help="may be repeated")
    parser.add_argument(
        "scenario", nargs="*", help=f"all unless named: {', '.join(SCENARIOS)}", metavar="SCENARIO"
    )
    return parser


def _jobs(options: argparse.Namespace, folder: Path) -> Iterator[Job]:
    """Yield the jobs that have something to do, each in a folder of its own."""
    chosen = options.scenario or list(SCENARIOS)
    if unknown := set(chosen) - set(SCENARIOS):
        _parser().error(f"no such scenario: {', '.join(sorted(unknown))}")
    for database in options.database or DATABASES:
        places: list[dict[str, Any]] = [{}, {"small_disk": True}]
        if database == "postgresql":
            places += [{"isolation": level} for level in ISOLATION_LEVELS if level]
        for number, place in enumerate(places):
            own = folder / f"{database}-{number}"
            job = Job(database, own, chosen, short=options.short, **place)
            if job.scenarios:
                yield job


def _play(job: Job) -> Iterator[Result]:
    """Play a job in a process of its own, which sets up Django for that database."""
    if job.small_disk and os.geteuid() != 0:
        print(f"left out on {job.place}, as only root may mount a small disk: {job.chosen}")
        return
    receiver, sender = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_send_results, args=(job, sender))
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
        f"{verdict}: {result.scenario}, {result.database}, {result.door},"
        f" {result.tried} writes, {result.deletions_repeated} deletions repeated,"
        f" {result.seconds:.1f} s",
        *result.complaints[:10],
        sep="\n    ",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
