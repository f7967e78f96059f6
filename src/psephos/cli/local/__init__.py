"""`psephos local`: a referendum to be tried on one machine, every party a process of its own."""
