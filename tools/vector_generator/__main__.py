"""Writes what stands in folders of `vectors/`: `python -m vector_generator <directory> [name ..]`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from vector_generator.checkpoints import checkpoint_vectors
from vector_generator.definitions import definition_vectors, pin_vectors
from vector_generator.entries import entry_vectors
from vector_generator.files import file_vectors, receipt_vectors
from vector_generator.notes import note_vectors
from vector_generator.pasted import pasted_vectors
from vector_generator.policies import policy_vectors
from vector_generator.records.cases import record_vectors
from vector_generator.sealed import sealed_vectors
from vector_generator.vector import Vector, text

FILES: dict[str, Callable[[], Iterator[Vector]]] = {
    "entries/entries": entry_vectors,
    "definitions/definitions": definition_vectors,
    "definitions/pins": pin_vectors,
    "log/notes": note_vectors,
    "log/policies": policy_vectors,
    "log/checkpoints": checkpoint_vectors,
    "log/files": file_vectors,
    "log/receipts": receipt_vectors,
    "pasted/pasted": pasted_vectors,
    "sealed/sealed": sealed_vectors,
}
RECORDS = "records"


def main(directory: str, *names: str) -> None:
    """Write the files named, or all; `records` are directories."""
    for name in names or (*FILES, RECORDS):
        if name == RECORDS:
            shutil.rmtree(Path(directory) / RECORDS, ignore_errors=True)
            for vector in record_vectors():
                vector.write(Path(directory) / RECORDS)
            continue
        path = Path(directory) / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(FILES[name]()))


if __name__ == "__main__":
    main(*sys.argv[1:])
