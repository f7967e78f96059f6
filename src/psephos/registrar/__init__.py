"""The registrar: who may vote, blind tokens, and batches of cards."""
