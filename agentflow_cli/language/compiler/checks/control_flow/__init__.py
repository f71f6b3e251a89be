"""The checks of control flow; `check` runs them over one analysis."""
