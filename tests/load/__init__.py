"""The package under load: races, faults and clusters, on servers that these runs start themselves.

`python -m tests.load` plays the scenarios; README.md says which, and what came of them.
"""
