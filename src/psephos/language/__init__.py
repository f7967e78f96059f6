"""The languages that people are spoken to in: one catalogue for each, and how it writes numbers and times."""
