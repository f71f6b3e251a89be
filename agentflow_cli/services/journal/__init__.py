"""Runs on disk: one directory and one SQLite database each, written under a lock, read by anyone."""
