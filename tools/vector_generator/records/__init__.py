"""Whole small records: accepted ones, and for every check some that it refuses."""
