"""A relay: it passes sealed messages on to registrars, late and mixed (`spec/messages.md#relays`)."""
