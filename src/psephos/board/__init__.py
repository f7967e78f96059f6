"""The board: the only gate through which entries enter the log."""
