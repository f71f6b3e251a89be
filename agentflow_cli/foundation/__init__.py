"""The lowest floor: what every other room may lean on. Standard library only."""
