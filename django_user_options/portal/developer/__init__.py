"""Buttons, a log, and stubs for developers of applications; with `DEBUG` only."""
