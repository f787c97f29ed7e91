"""The parts of the benchmark; each prints its tables and returns figures for the targets."""
