"""Hashes of a log's Merkle tree in bulk (`spec/log.md`; RFC 6962, 2.1)."""

from psephos._core import leaf_hashes, tree_root

__all__ = ["leaf_hashes", "tree_root"]
