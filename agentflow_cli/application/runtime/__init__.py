"""Joins use cases to services."""
