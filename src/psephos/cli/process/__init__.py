"""How a command lives and ends: without traces, until it is told to, with one line for what went wrong."""
