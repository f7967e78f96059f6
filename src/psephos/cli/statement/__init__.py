"""`psephos statement`, by what is said."""
