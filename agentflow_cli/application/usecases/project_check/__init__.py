"""The files of a project checked together: which ones there are, what is wrong across them, what is still known."""
