"""The organiser: calls the referendum, and holds nothing but the key that says so."""
