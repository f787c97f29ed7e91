"""The parts of the benchmark; each prints its tables and returns figures for the targets."""

from __future__ import annotations

from tests.benchmarks.parts import calls_alone, growth, throughput, updates, writers

PARTS = {
    "set": calls_alone.measure_set,
    "get": calls_alone.measure_get,
    "update": updates.run,
    "limit": calls_alone.measure_limit,
    "throughput": throughput.run,
    "growth": growth.run,
    "writers": writers.run,
}
