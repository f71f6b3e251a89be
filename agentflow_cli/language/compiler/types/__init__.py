"""What is known about the values that flow through a workflow, before it runs.

`WorkflowTypes` gives the type of what a step gives out and of every template; `expressions/types.py` says what a type
is, and `expressions/inference.py` what follows from it.
"""
