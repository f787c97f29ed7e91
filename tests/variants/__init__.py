"""Projects that differ from the tests' own, each run in a process by itself."""
