"""The smallest project that runs: `python example_project/manage.py demo`."""
