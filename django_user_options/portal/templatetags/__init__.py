"""The tag library `user_options_portal`."""
