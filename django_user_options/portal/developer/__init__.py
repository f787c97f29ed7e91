"""Buttons, a log, and stubs for whoever develops an application; with `DEBUG` only."""
