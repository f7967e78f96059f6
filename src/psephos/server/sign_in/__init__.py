"""Signing in with an identity provider, and claiming an invitation."""
