"""A plan as a picture: Mermaid, dot, text, JSON, and the gutter beside a list; `drawing` is what they share."""
