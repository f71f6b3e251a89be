"""AgentFlow: agents and workflows as YAML files, checked before they run, durable while they run."""

__version__ = "0.1.0"
