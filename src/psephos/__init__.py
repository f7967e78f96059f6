"""Psephos: referendums that nobody has to take on trust."""
