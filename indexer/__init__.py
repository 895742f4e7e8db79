"""Memory: collections, ingest, the vector index, provenance. Sees the engine through its public names only."""

from mindseye.indexer.library import Library

__all__ = ["Library"]
