"""The parts of the benchmark; each prints its tables and returns figures for the targets."""

from __future__ import annotations

from tests.benchmarks.parts import deployment, getting, growth, setting, throughput, writers

PARTS = {
    "set": setting.run,
    "get": getting.run,
    "throughput": throughput.run,
    "growth": growth.run,
    "writers": writers.run,
    "deployment": deployment.run,
}
