"""Metrics and protocols; the commands that run them on the product are in `mindseye.api.evaluation`."""
