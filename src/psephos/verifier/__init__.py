"""The verifier: the record and a pin in, a report out."""
