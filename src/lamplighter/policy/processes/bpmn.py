"""A process as a BPMN 2.0 file with its picture, for modellers to open.

Lanes are posts, one column for each place in the order; ways that pass other columns run in the
gaps between rows, so that no way crosses a step.
"""

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from lamplighter.policy.loader import Words
from lamplighter.policy.processes import codes, graph, wording
from lamplighter.policy.processes.graph import Edge, Graph, Node
from lamplighter.policy.processes.shapes import Process, Step

NAMESPACES = {
    "": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}
TARGET = "urn:lamplighter:processes"
ELEMENTS = {
    graph.START: "startEvent",
    graph.END: "endEvent",
    graph.TASK: "userTask",
    graph.EXCLUSIVE: "exclusiveGateway",
    graph.PARALLEL: "parallelGateway",
    graph.INCLUSIVE: "inclusiveGateway",
}
SIZES = {graph.START: (36, 36), graph.END: (36, 36), graph.TASK: (120, 80)}
GATEWAY = (50, 50)
LABEL = (58, 30)
HEADER, COLUMN, ROW, CHANNEL = 30, 180, 120, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    column: int
    x: float
    y: float
    width: float
    height: float
    channel: float  # height at which ways pass above this row

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def bpmn(*, process: Process, language: str) -> str:
    """Return a process as a BPMN 2.0 file; the same process gives the same bytes.

    >>> from datetime import date
    >>> from lamplighter.policy.processes import catalogue
    >>> chase = catalogue.in_force(code="CHASE", on=date(2026, 11, 27))
    >>> print(bpmn(process=chase, language="en")[:54])
    <?xml version='1.0' encoding='utf-8'?>
    <definitions xm
    """
    drawn = graph.graph(process=process)
    posts = tuple(dict.fromkeys(node.post for node in drawn.nodes))
    root = ET.Element(
        "definitions",
        {f"xmlns{':' if short else ''}{short}": long for short, long in NAMESPACES.items()}
        | {"id": "Definitions", "targetNamespace": TARGET, "name": process.version},
    )
    name = process.title.in_language(language)
    group = ET.SubElement(root, "collaboration", id="Collaboration")
    ET.SubElement(group, "participant", id="Pool", name=name, processRef=f"Process_{process.code}")
    _model(root, process=process, drawn=drawn, posts=posts, language=language)
    _diagram(root, drawn=drawn, posts=posts)
    ET.indent(root)
    text: str = ET.tostring(root, encoding="utf-8", xml_declaration=True).decode()
    return f"{text}\n"


def _model(
    root: ET.Element, *, process: Process, drawn: Graph, posts: tuple[str, ...], language: str
) -> None:
    name = process.title.in_language(language)
    model = ET.SubElement(root, "process", id=f"Process_{process.code}", name=name)
    model.set("isExecutable", "false")
    ET.SubElement(model, "documentation").text = process.about.in_language(language)
    lanes = ET.SubElement(model, "laneSet", id="Lanes")
    for post in posts:
        title = codes.POSTS[post].in_language(language)
        lane = ET.SubElement(lanes, "lane", id=f"Lane_{post}", name=title)
        for node in drawn.nodes:
            if node.post == post:
                ET.SubElement(lane, "flowNodeRef").text = node.id
    for node in drawn.nodes:
        title = node.title.in_language(language) if node.title else ""
        element = ET.SubElement(model, ELEMENTS[node.kind], id=node.id)
        if title:
            element.set("name", title)
        if node.step:
            card = "\n".join(_card(node.step, language=language))
            ET.SubElement(element, "documentation").text = card
        for tag, end in (("incoming", "target"), ("outgoing", "source")):
            for edge in drawn.edges:
                if getattr(edge, end) == node.id:
                    ET.SubElement(element, tag).text = edge.id
    for edge in drawn.edges:
        element = ET.SubElement(model, "sequenceFlow", id=edge.id)
        if edge.title:
            element.set("name", edge.title.in_language(language))
        element.set("sourceRef", edge.source)
        element.set("targetRef", edge.target)


def _card(step: Step, *, language: str) -> list[str]:
    """Return the 5W1H of a step, a line each."""
    lines = [
        (Words(zh="做什么", en="What"), step.what.in_language(language)),
        (Words(zh="谁", en="Who"), codes.POSTS[step.who].in_language(language)),
        (Words(zh="时限", en="When"), wording.when(step=step, language=language)),
        (Words(zh="环节", en="Where"), codes.STAGES[step.where].in_language(language)),
        (Words(zh="质量要求", en="Why"), step.why.in_language(language)),
        (Words(zh="怎么做", en="How"), step.how.in_language(language)),
    ]
    return [f"{name.in_language(language)}: {said}" for name, said in lines]


def _diagram(root: ET.Element, *, drawn: Graph, posts: tuple[str, ...]) -> None:
    diagram = ET.SubElement(root, "bpmndi:BPMNDiagram", id="Diagram")
    plane = ET.SubElement(diagram, "bpmndi:BPMNPlane", id="Plane", bpmnElement="Collaboration")
    boxes, lanes, width = _placed(drawn, posts)
    height = sum(high for _, high in lanes.values())
    _shape(plane, "Pool", 0, 0, width, height, isHorizontal="true")
    for post, (top, high) in lanes.items():
        _shape(plane, f"Lane_{post}", HEADER, top, width - HEADER, high, isHorizontal="true")
    for node in drawn.nodes:
        box = boxes[node.id]
        more = {"isMarkerVisible": "true"} if node.kind == graph.EXCLUSIVE else {}
        _shape(plane, node.id, box.x, box.y, box.width, box.height, **more)
    for edge in drawn.edges:
        line = ET.SubElement(plane, "bpmndi:BPMNEdge", id=f"{edge.id}_di", bpmnElement=edge.id)
        for x, y in _way(boxes, edge):
            ET.SubElement(line, "di:waypoint", x=f"{x:g}", y=f"{y:g}")
        if edge.title:
            box = boxes[edge.target]
            label = ET.SubElement(line, "bpmndi:BPMNLabel")
            _bounds(label, box.x - LABEL[0], box.middle - LABEL[1], *LABEL)


def _shape(
    plane: ET.Element, id: str, x: float, y: float, width: float, height: float, **more: str
) -> None:
    shape = ET.SubElement(plane, "bpmndi:BPMNShape", {"id": f"{id}_di", "bpmnElement": id, **more})
    _bounds(shape, x, y, width, height)


def _bounds(element: ET.Element, x: float, y: float, width: float, height: float) -> None:
    sizes = {"x": x, "y": y, "width": width, "height": height}
    ET.SubElement(element, "dc:Bounds", {key: f"{value:g}" for key, value in sizes.items()})


def _placed(
    drawn: Graph, posts: tuple[str, ...]
) -> tuple[dict[str, _Box], dict[str, tuple[float, float]], float]:
    """Return (box of each node, top and height of each lane, width of all)."""
    column: dict[str, int] = {}
    for node in drawn.nodes:
        before = [column[edge.source] for edge in drawn.edges if edge.target == node.id]
        column[node.id] = max(before, default=-1) + 1
    cells: dict[tuple[str, int], list[Node]] = {}
    for node in drawn.nodes:
        cells.setdefault((node.post, column[node.id]), []).append(node)
    lanes: dict[str, tuple[float, float]] = {}
    top = 0.0
    for post in posts:
        n_rows = max(len(nodes) for (where, _), nodes in cells.items() if where == post)
        lanes[post] = (top, float(n_rows * ROW))
        top += n_rows * ROW
    boxes = {
        node.id: _box(node, column=place, top=lanes[post][0] + row * ROW)
        for (post, place), nodes in cells.items()
        for row, node in enumerate(nodes)
    }
    return boxes, lanes, float(2 * HEADER + (max(column.values()) + 1) * COLUMN)


def _box(node: Node, *, column: int, top: float) -> _Box:
    width, height = SIZES.get(node.kind, GATEWAY)
    return _Box(
        column=column,
        x=2 * HEADER + column * COLUMN + (COLUMN - width) / 2,
        y=top + CHANNEL + (ROW - CHANNEL - height) / 2,
        width=width,
        height=height,
        channel=top + CHANNEL,
    )


def _way(boxes: dict[str, _Box], edge: Edge) -> list[tuple[float, float]]:
    source, target = boxes[edge.source], boxes[edge.target]
    begin = (source.x + source.width, source.middle)
    end = (target.x, target.middle)
    left = 2 * HEADER + (source.column + 1) * COLUMN
    if target.column == source.column + 1:
        if source.middle == target.middle:
            return [begin, end]
        return [begin, (left, source.middle), (left, target.middle), end]
    right = 2 * HEADER + target.column * COLUMN
    turns = [(left, source.middle), (left, target.channel)]
    return [begin, *turns, (right, target.channel), (right, target.middle), end]
