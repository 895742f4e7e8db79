"""Manifests of named collections: what pictures, from where, under which licence, showing which word."""
