"""A host app with an application model of its own."""
