"""The verbs of `agentflow cache`."""
