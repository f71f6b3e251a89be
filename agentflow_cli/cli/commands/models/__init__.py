"""The verbs of `agentflow models`."""
