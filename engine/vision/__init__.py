"""Pictures: decoding, preprocessing, the networks and their features."""
