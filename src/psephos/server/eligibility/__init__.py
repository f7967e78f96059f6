"""Invitations on their way to people: by e-mail or on paper, until enrolment closes and all is forgotten."""
