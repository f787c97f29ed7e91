"""The admin in a real browser: `python -m pytest -m browser`, with Chromium installed."""
