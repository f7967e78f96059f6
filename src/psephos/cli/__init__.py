"""The `psephos` command: one subcommand for each thing that somebody does."""

from psephos.cli.main import main

__all__ = ["main"]
