"""Mistakes that people make, made on purpose in valid files: each class of them must be found, at the right line.

    python -m tests.diagnostics.mutations [CLASS …]      figures for each class, and what was missed

`corpus` has the valid files, `document` their parts with positions, `rules` what the published schema says of a part,
`shapes` what a step's output has; `keys`, `expressions`, `graphs` and `templates` are the classes, and `judge` asks the
checks.

Only what the language closes is a mistake when it is misspelt. Left alone are, and nothing else:

- names that an author gives: keys of `set`, `env`, `headers`, `query`, `json`, `properties`, of an `x-` part, of a map
  of steps or inputs, and of literal values (misspelt where they are read, they are in the classes of names);
- fields of values whose shape nobody has declared: what a command, a model without `output` or a server answers, or a
  function whose annotation is no JSON;
- `with` of a function that takes any keyword.
"""
