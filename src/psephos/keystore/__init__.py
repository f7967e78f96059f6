"""Secrets on disk: files sealed with age, whole or not there, for nobody else to read."""
