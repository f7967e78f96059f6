"""Plans: what an organiser writes, in TOML, and the definition that is made of it with the parties' cards."""
