"""The verbs of `agentflow memory`."""
