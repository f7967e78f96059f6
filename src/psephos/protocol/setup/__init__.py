"""What is asked, by whom and of whom, and the trustees' key: all that is settled before a card exists."""
