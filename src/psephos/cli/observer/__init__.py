"""`psephos observer`, by what an observer does."""
