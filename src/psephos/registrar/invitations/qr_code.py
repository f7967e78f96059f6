"""QR codes of invitations."""

from __future__ import annotations

import io

import segno


def png(text: str) -> bytes:
    """A code as a picture of six pixels a module."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="png", scale=6, border=4)
    return out.getvalue()


def svg(text: str) -> str:
    """A code as a drawing of any size."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", xmldecl=False, omitsize=True, nl=False, border=4)
    return out.getvalue().decode()
