"""The HTTP service: what a request asks, answered as JSON by the one Mindseye behind it."""
