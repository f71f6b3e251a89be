"""The verbs of `agentflow secrets`."""
