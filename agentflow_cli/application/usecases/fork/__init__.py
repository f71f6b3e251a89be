"""Doing succeeded work again is another run: which steps of its parent it takes over, and why the others run."""
