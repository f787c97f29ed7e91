"""A project's app with a user model whose keys are text and whose manager hides some."""
