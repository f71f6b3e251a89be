"""Which steps can run, and when: conditions as alternatives of facts, and what follows from them along the graph.

`Flow` holds the blocks with their dependencies; `conditions` turns a `when` into facts, `contradictions` holds facts
against each other, and `reachability` and `presence` carry them from step to step. `checks/control_flow` reports.
"""
