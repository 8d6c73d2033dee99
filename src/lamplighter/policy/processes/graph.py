"""A process as a graph of events, steps and gateways, as BPMN draws it."""

from dataclasses import dataclass

from lamplighter.policy.loader import Words
from lamplighter.policy.processes import flow
from lamplighter.policy.processes.shapes import Process, Step

START, TASK, END = "START", "TASK", "END"
EXCLUSIVE, PARALLEL, INCLUSIVE = "EXCLUSIVE", "PARALLEL", "INCLUSIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An event, a step or a gateway, in the lane of a post."""

    id: str
    kind: str
    post: str
    title: Words | None
    step: Step | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A way from one node to another; its title is the answer that takes it."""

    id: str
    source: str
    target: str
    title: Words | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """All nodes, each after those that lead to it, and all edges."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(*, process: Process) -> Graph:
    """Return the graph of a process; the same process gives the same graph.

    A choice becomes an exclusive gateway, several steps after one a parallel one. Ways that join
    get the gateway that waits for as many as can come: one, all, or those that were taken.
    """
    drawn = _Drawn(process)
    for step in process.steps:
        drawn.draw(step)
    return Graph(nodes=tuple(drawn.nodes), edges=tuple(drawn.edges))


class _Drawn:
    def __init__(self, process: Process) -> None:
        self.process = process
        self.runs = list(flow.runs(process))
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.leaving: dict[tuple[str, str], tuple[str, Words | None]] = {}  # way → node, title

    def draw(self, step: Step) -> None:
        """Draw what joins before a step, the step, and what leaves it."""
        task = f"Step_{step.code}"
        if not step.follows:
            start = self._node(f"Start_{step.code}", START, step, self.process.begins)
            self._edge(start, task, None)
        elif len(step.follows) == 1:
            self._enter(step, task)
        else:
            join = self._node(f"Join_{step.code}", self._join_kind(step), step, None)
            self._enter(step, join)
            self._edge(join, task, None)
        self._node(task, TASK, step, step.title, step)
        if step.is_end:
            end = self._node(f"End_{step.code}", END, step, None)
            self._edge(task, end, None)
        elif step.choice:
            gate = self._node(f"Choice_{step.code}", EXCLUSIVE, step, step.choice.question)
            self._edge(task, gate, None)
            for answer in step.choice.answers:
                self._leave(step, answer.code, gate, answer.title)
        else:
            self._leave(step, "", task, None)

    def _leave(self, step: Step, answer: str, source: str, title: Words | None) -> None:
        if len(self.process.followers(step.code, answer=answer)) > 1:
            split = self._node(
                f"Split_{step.code}{'_' * bool(answer)}{answer}", PARALLEL, step, None
            )
            self._edge(source, split, title)
            source, title = split, None
        self.leaving[step.code, answer] = source, title

    def _enter(self, step: Step, target: str) -> None:
        for way in step.follows:
            source, title = self.leaving[way.step, way.answer]
            self._edge(source, target, title)

    def _join_kind(self, step: Step) -> str:
        taken = set()
        for answered, active in self.runs:
            if step.code in active:
                ways = [
                    way.step in active and answered.get(way.step, "") == way.answer
                    for way in step.follows
                ]
                taken.add(sum(ways))
        if taken == {1}:
            return EXCLUSIVE
        return PARALLEL if taken == {len(step.follows)} else INCLUSIVE

    def _node(
        self, id: str, kind: str, step: Step, title: Words | None, own: Step | None = None
    ) -> str:
        self.nodes.append(Node(id=id, kind=kind, post=step.who, title=title, step=own))
        return id

    def _edge(self, source: str, target: str, title: Words | None) -> None:
        id = f"Flow_{len(self.edges) + 1}"
        self.edges.append(Edge(id=id, source=source, target=target, title=title))
