"""A witness: cosigns checkpoints, so that everybody sees one log."""
