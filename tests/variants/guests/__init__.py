"""An app of a host, with a user model whose keys are text and whose manager hides some."""
