"""From a loaded workflow to a frozen plan: `checks` for meaning, `compile.py` for the plan, drawings of its graph."""
