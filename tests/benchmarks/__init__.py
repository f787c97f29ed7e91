"""How fast the REST methods are beside what else one could write; see `python -m tests.benchmarks`.

Nothing here is a timed test. `test_contenders.py` only proves that every contender does the work.
"""
