"""The map of a library: every content's place on one plane, derived from the index and kept as a cache."""

from mindseye.indexer.maps.map import Map, kept_map, open_map
from mindseye.indexer.maps.points import Point, points

__all__ = ["Map", "Point", "kept_map", "open_map", "points"]
