"""A voter's device: enrols cards, casts ballots, audits both, and forgets."""
