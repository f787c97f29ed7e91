"""Hosts that differ from the tests' host, each a settings module run by itself."""
