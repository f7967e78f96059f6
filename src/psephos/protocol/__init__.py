"""The referendum as pure functions of its record, in the order in which the data flows."""
