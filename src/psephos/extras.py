"""Which extra brings a package that is not installed (`pyproject.toml`)."""

from __future__ import annotations

from importlib.util import find_spec

EXTRAS = {
    "cli": ("babel", "cyclopts", "pyhpke", "rich", "segno"),
    "server": ("alembic", "authlib", "granian", "jinja2", "joserfc", "litestar", "sqlalchemy", "typst"),
    "cluster": ("distributed",),
    "postgresql": ("psycopg",),
}
"""The packages of each extra, by the names under which they are imported."""


def advice(error: BaseException) -> str:
    """What to install where an import failed; empty where no extra has that package."""
    cause: BaseException | None = error
    while cause is not None:
        package = cause.name.partition(".")[0] if isinstance(cause, ImportError) and cause.name else ""
        for extra, packages in EXTRAS.items():
            if package in packages:
                return sentence(package, extra)
        cause = cause.__cause__
    return ""


def missing(extra: str) -> str:
    """What to install before anything that needs an extra; empty where all of it is there."""
    absent = next((package for package in EXTRAS[extra] if find_spec(package) is None), None)
    return "" if absent is None else sentence(absent, extra)


def sentence(package: str, extra: str) -> str:
    """What somebody is told who lacks a package."""
    install = f"pip install 'psephos[{extra}]'"
    return f"this needs the package {package}, which is not installed. Install it: {install}"
