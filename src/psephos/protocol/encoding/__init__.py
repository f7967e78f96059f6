"""How data becomes bytes: one encoding of each value, anything else refused."""
