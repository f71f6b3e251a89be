"""The graph of a workflow or of a run, and where it is written."""
