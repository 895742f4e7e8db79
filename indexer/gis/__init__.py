"""Aerial imagery: rasters cut into tiles, and the words that layers of geometries give them."""
