"""The language: expressions, schemas, loader, compiler. From text to a frozen plan."""
