"""Whole referendums with all roles in one process, each with its own keys: the demo and the replay."""
