"""Evaluation commands: they run the product itself and report what it does."""
