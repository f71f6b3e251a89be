"""What is known of a value before there is one.

`lattice` says what a type is, `schemas` makes one of a JSON Schema, and `inference` walks an expression and finds every
place where it can only fail, or go one way.
"""
