"""`psephos trustee`, by what a trustee does."""
