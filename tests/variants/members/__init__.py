"""A project's app with a user model and an application model of its own."""
