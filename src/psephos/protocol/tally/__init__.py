"""From rows to a result: weighing, closing, counting."""
