"""A role's home, and what commands do from it: open keys, read the record, send entries."""
