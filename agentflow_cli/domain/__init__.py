"""The objects that everything else speaks of: workflow, plan, events, run state. No I/O, no libraries."""
