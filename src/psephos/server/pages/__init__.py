"""Pages for people, in the reader's language: what the record says, without a script."""
