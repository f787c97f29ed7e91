"""Many writers and broken servers, with real processes: `python -m tests.faults --help`."""
