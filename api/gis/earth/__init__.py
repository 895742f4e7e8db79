"""`mindseye demo earth`: the whole way from a raster and layers to words on a map, on the Earth that pip brings."""
