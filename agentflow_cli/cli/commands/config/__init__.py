"""The verbs of `agentflow config`."""
