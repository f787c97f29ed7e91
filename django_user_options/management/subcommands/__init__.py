"""The subcommands of `manage.py user_options`."""
