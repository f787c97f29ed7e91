"""The package on clusters: servers of our own, started and removed by scripts and tests."""
