"""Runs a frozen plan durably: decides, executes, records. It knows the domain, the language and the ports."""
