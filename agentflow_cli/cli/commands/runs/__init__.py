"""The verbs of `agentflow runs`."""
