"""Workflows made of random typed pieces, which run with random data: what is said about them is held against it.

`values` has types and their data, `expressions` makes expressions of a type, `workflows` whole files, and `world` runs
them over the fakes of the engine's tests.
"""
