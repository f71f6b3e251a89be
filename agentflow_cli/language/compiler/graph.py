"""The graph of a plan: its waves and its longest chain. The only importer of networkx, when a plan is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def order(dependencies: Mapping[str, Sequence[str]]) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """(waves, critical path) of an acyclic graph given as step → the steps that it waits for.

    A wave holds the steps whose dependencies all lie in earlier waves, in the order given.
    """
    import networkx as nx  # type: ignore[import-untyped]

    graph = nx.DiGraph()
    graph.add_nodes_from(dependencies)
    graph.add_edges_from((target, step) for step, targets in dependencies.items() for target in targets)
    position = {step: index for index, step in enumerate(dependencies)}
    waves = tuple(tuple(sorted(wave, key=position.__getitem__)) for wave in nx.topological_generations(graph))
    return waves, tuple(nx.dag_longest_path(graph))
