"""Expressions: `${{ … }}` in text, bare in `when` and `foreach`. Jinja2's grammar over JSON data, and nothing else.

Start at `template.py`: `compile_template`, `compile_bare`, `render_tree`, `evaluate_condition`.
"""
