"""`psephos relay`: passes sealed messages on to registrars, late and mixed."""
