"""An observer: follows the log and verifies as it grows."""
