"""Invitations of voters: whom they go to, letters by mail and on paper, and what came of them."""
