"""A file of voters, as people and their programs write it, read into rows and doubts: pure, no I/O."""
