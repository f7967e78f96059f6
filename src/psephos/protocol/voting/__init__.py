"""Ballots, the days on which they are taken, and the rows that they become."""
