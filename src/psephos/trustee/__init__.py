"""A trustee: one share of the key, weighing, closing and release."""
