"""`python -m psephos`: the command, or a sentence on which packages it still needs."""

from __future__ import annotations

import sys

from psephos.extras import advice


def main() -> int:
    """Run the command `psephos`."""
    try:
        from psephos.cli import main as run
    except ModuleNotFoundError as error:
        if not (sentence := advice(error)):
            raise
        sys.stderr.write(f"psephos: {sentence}\n")
        return 2
    return run()


if __name__ == "__main__":
    sys.exit(main())
