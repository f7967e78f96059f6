"""An in-memory referendum, and the adversaries that attack it."""
