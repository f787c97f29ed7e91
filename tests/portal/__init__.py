"""Applications in frames."""
