"""Tables in SQLite or PostgreSQL: one transaction at a time, on disk when it ends."""
