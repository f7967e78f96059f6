"""What the help says of commands that are loaded when they are called: listing them must not load them."""

HELP = {
    "preview": """Show a letter before any is sent: the mail here, the letter on paper in a PDF.

Its invitation is not a real one, so that nobody can vote with a preview.

Example: psephos registrar letters preview letter.pdf --region north --site https://vote.example/
--home registrar""",
    "send": """Send the letters that wait to go by e-mail, through the server that PSEPHOS_SMTP_URL names.

Its form is smtps://user:password@host:port, or smtp:// for STARTTLS. What is refused for good has come
back; what is refused for now waits, and goes when the command is run again. Neither holds up the others.

Example: psephos registrar letters send --region north --sender vote@town.example
--site https://vote.example/ --contact "555-123, vote@town.example" --home registrar""",
    "print": """Print the letters that wait to go on paper into a PDF, a page for each and for each language.

Example: psephos registrar letters print letters.pdf --region north --site https://vote.example/
--contact 555-123 --home registrar""",
    "run": """Do what is due, again and again, until SIGTERM or SIGINT.

With --listen it answers over HTTP too, at /post/registrar. Plain HTTP: put a proxy with TLS in front that
writes no addresses down.

Example: psephos registrar run --home registrar --listen 127.0.0.1:8645""",
    "sign-in": """Hand invitations to who signs in at an OpenID Connect provider, until SIGTERM or SIGINT.

Whom it may be handed to, `letters add` has said, by a file with the heading voter,account. The client's
secret is taken from PSEPHOS_OIDC_SECRET. Plain HTTP: put a proxy with TLS in front, and not the board's.

Example: psephos registrar sign-in --issuer https://id.example --client psephos
--url https://register.example --home registrar""",
}
