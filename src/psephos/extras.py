"""Which extra brings a package that is not installed (`pyproject.toml`)."""

from __future__ import annotations

EXTRAS = {
    "cli": ("babel", "cyclopts", "pyhpke", "rich", "segno"),
    "server": ("alembic", "authlib", "granian", "jinja2", "joserfc", "litestar", "sqlalchemy", "typst"),
    "cluster": ("distributed",),
    "postgresql": ("psycopg",),
}
"""The packages of each extra, by the names under which they are imported."""


def advice(error: ImportError) -> str:
    """What to install where an import failed; empty where no extra has that package."""
    package = (error.name or "").partition(".")[0]
    for extra, packages in EXTRAS.items():
        if package in packages:
            return (
                f"this needs the package {package}, which is not installed. "
                f"Install it: pip install 'psephos[{extra}]'"
            )
    return ""
