"""A log's bundles, and hashes of its Merkle tree in bulk (`spec/log.md`; RFC 6962, 2.1)."""

from psephos._core import bundle_entries, leaf_hashes, tree_root

__all__ = ["bundle_entries", "leaf_hashes", "tree_root"]
