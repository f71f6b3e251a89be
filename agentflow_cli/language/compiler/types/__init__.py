"""What is known about the values that flow through a workflow, before it runs.

`WorkflowTypes` gives the type of what a step gives out and of every template; the room `expressions/types`
says what a type is, and what follows from it.
"""
