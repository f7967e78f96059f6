"""`psephos organiser`: calls a referendum, keeps it moving, certifies its result."""
