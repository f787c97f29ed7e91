"""The smallest host that runs: `python example_project/manage.py demo`."""
