"""How fast the REST methods are compared with alternatives; see `python -m tests.benchmarks`.

Nothing here is a timed test. `test_contenders.py` only proves that every contender does the work.
"""
