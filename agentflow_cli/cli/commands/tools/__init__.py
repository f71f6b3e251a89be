"""The verbs of `agentflow tools`."""
