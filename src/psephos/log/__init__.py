"""A transparency log of bytes, which knows nothing of voting."""
