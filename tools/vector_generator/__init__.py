"""Makes the vectors of entries, of the log's objects, of definitions and of whole records."""
