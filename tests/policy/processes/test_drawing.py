"""Pictures of processes: a BPMN file that means the process, and one that nobody stumbles over."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from lamplighter.policy.processes import bpmn, catalogue, flow, picture
from lamplighter.policy.processes.shapes import Process
from tests.policy.processes import samples

MODEL, BPMNDI, DC, DI = (f"{{{space}}}" for space in bpmn.NAMESPACES.values())
SVG = "{http://www.w3.org/2000/svg}"
NODES = {f"{MODEL}{tag}" for tag in bpmn.ELEMENTS.values()}
EVERY = catalogue.every(on=samples.DAY)
Rectangle = tuple[float, float, float, float]


class Drawing:
    """What a BPMN file says, read as another program would."""

    def __init__(self, text: str) -> None:
        self.root = ET.fromstring(text)
        [self.process] = self.root.iter(f"{MODEL}process")
        self.nodes = {node.get("id"): node for node in self.process if node.tag in NODES}
        self.flows = {f.get("id"): f for f in self.process if f.tag == f"{MODEL}sequenceFlow"}
        shapes = self.root.iter(f"{BPMNDI}BPMNShape")
        self.boxes = {shape.get("bpmnElement"): _bounds(shape) for shape in shapes}
        self.ways = {
            edge.get("bpmnElement"): [
                (float(point.get("x")), float(point.get("y")))
                for point in edge.iter(f"{DI}waypoint")
            ]
            for edge in self.root.iter(f"{BPMNDI}BPMNEdge")
        }

    def kind(self, node: str) -> str:
        return self.nodes[node].tag.removeprefix(MODEL)

    def refs(self, node: str, tag: str) -> list[str]:
        return [one.text for one in self.nodes[node].iter(f"{MODEL}{tag}")]

    def run(self, answered: dict[str, str]) -> set[str]:
        """Walk a token through the gateways; inclusive ones wait for whatever can still come."""
        done: set[str] = set()
        waiting: dict[str, int] = {}
        tokens = [node for node in self.nodes if self.kind(node) == "startEvent"]
        while tokens or waiting:
            if not tokens:  # nothing else moves: what an inclusive join has is all that comes
                node = next(
                    n for n in waiting
                    if not any(other != n and self.leads(other, n) for other in waiting)
                )  # fmt: skip
                assert self.kind(node) == "inclusiveGateway", "a parallel gateway waits for ever"
                del waiting[node]
            else:
                node = tokens.pop()
                n_in = len(self.refs(node, "incoming"))
                if self.kind(node) in {"parallelGateway", "inclusiveGateway"} and n_in > 1:
                    waiting[node] = waiting.get(node, 0) + 1
                    if waiting[node] < n_in:
                        continue
                    del waiting[node]
            assert node not in done, f"{node} ran twice"
            done.add(node)
            for way in self.refs(node, "outgoing"):
                if self.is_taken(node, way, answered):
                    tokens.append(self.flows[way].get("targetRef"))
        return {node.removeprefix("Step_") for node in done if node.startswith("Step_")}

    def is_taken(self, node: str, way: str, answered: dict[str, str]) -> bool:
        if self.kind(node) != "exclusiveGateway" or len(self.refs(node, "outgoing")) == 1:
            return True
        return self.flows[way].get("name") == answered[node.removeprefix("Choice_")]

    def leads(self, begin: str, end: str) -> bool:
        nexts = [self.flows[way].get("targetRef") for way in self.refs(begin, "outgoing")]
        return end in nexts or any(self.leads(node, end) for node in nexts)


def _bounds(shape: ET.Element) -> Rectangle:
    [bounds] = shape.findall(f"{DC}Bounds")
    x, y, width, height = (float(bounds.get(key)) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def answers_in_words(process: Process) -> Iterator[tuple[dict[str, str], frozenset[str]]]:
    for answered, active in flow.runs(process):
        yield (
            {
                code: next(
                    a.title.en for a in process.step(code).choice.answers if a.code == answer
                )
                for code, answer in answered.items()
            },
            active,
        )


def check_bpmn(process: Process) -> None:
    text = bpmn.bpmn(process=process, language="en")
    drawn = Drawing(text)
    assert bpmn.bpmn(process=process, language="en") == text

    ids = [element.get("id") for element in drawn.root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    in_lanes = [ref.text for ref in drawn.root.iter(f"{MODEL}flowNodeRef")]
    assert sorted(in_lanes) == sorted(drawn.nodes)
    for code, sequence in drawn.flows.items():
        assert code in drawn.refs(sequence.get("sourceRef"), "outgoing")
        assert code in drawn.refs(sequence.get("targetRef"), "incoming")
    for node in drawn.nodes:
        assert bool(drawn.refs(node, "incoming")) == (drawn.kind(node) != "startEvent")
        assert bool(drawn.refs(node, "outgoing")) == (drawn.kind(node) != "endEvent")
        if drawn.kind(node) == "userTask":
            assert len(drawn.refs(node, "incoming")) == len(drawn.refs(node, "outgoing")) == 1
    for answered, active in answers_in_words(process):
        assert drawn.run(answered) == active

    lanes = {lane.get("id"): lane for lane in drawn.root.iter(f"{MODEL}lane")}
    assert set(drawn.boxes) == {*drawn.nodes, *lanes, "Pool"}
    assert set(drawn.ways) == set(drawn.flows)
    for one, other in combinations(drawn.nodes, 2):
        assert not overlap(drawn.boxes[one], drawn.boxes[other]), (one, other)
    for code, lane in lanes.items():
        for ref in lane.iter(f"{MODEL}flowNodeRef"):
            x, y, right, low = drawn.boxes[ref.text]
            lane_x, lane_y, lane_right, lane_low = drawn.boxes[code]
            assert lane_x <= x < right <= lane_right
            assert lane_y <= y < low <= lane_low
    for code, points in drawn.ways.items():
        source, target = (drawn.flows[code].get(end) for end in ("sourceRef", "targetRef"))
        assert points[0][0] == drawn.boxes[source][2]
        assert points[-1][0] == drawn.boxes[target][0]
        for (x, y), (to_x, to_y) in pairwise(points):
            assert x == to_x or y == to_y
            segment = (min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y))
            for node in drawn.nodes:
                assert not overlap(segment, drawn.boxes[node]), (code, node)


def check_picture(process: Process, language: str) -> None:
    placed = picture.layout(process=process, language=language)
    assert set(placed.boxes) == {step.code for step in process.steps}
    boxes = {
        code: (box.x, box.y, box.x + box.width, box.y + box.height)
        for code, box in placed.boxes.items()
    }
    for x, y, right, low in boxes.values():
        assert 0 <= x < right <= picture.WIDTH
        assert 0 <= y < low <= placed.height
    for one, other in combinations(boxes, 2):
        assert not overlap(boxes[one], boxes[other]), (one, other)
    assert {(line.source, line.target) for line in placed.lines} == {
        (way.step, step.code) for step in process.steps for way in step.follows
    }
    for line in placed.lines:
        assert [y for _, y in line.points] == sorted(y for _, y in line.points)
        assert line.points[0][1] == boxes[line.source][3]
        assert line.points[-1][1] == boxes[line.target][1]
        for (x, y), (to_x, to_y) in pairwise(line.points):
            for code, (left, top, right, low) in boxes.items():
                is_beside = max(x, to_x) <= left or right <= min(x, to_x)
                assert is_beside or to_y <= top or low <= y, (line, code)


class TestOurs:
    @pytest.mark.parametrize("process", EVERY, ids=lambda process: process.code)
    def test_the_file_means_the_process(self, process: Process):
        check_bpmn(process)

    @pytest.mark.parametrize(
        ("code", "join", "kind"),
        [
            ("NEW_LV_RESIDENT", "CONTRACT", "exclusiveGateway"),  # one of three answers
            ("NEW_HV_DOUBLE", "POWER_ON", "parallelGateway"),  # meter, contract and settings
            ("FAULT_REPAIR", "CONFIRM", "inclusiveGateway"),  # one way, or two beside each other
        ],
    )
    def test_ways_join_as_they_can_come(self, code: str, join: str, kind: str):
        process = catalogue.in_force(code=code, on=samples.DAY)
        drawn = Drawing(bpmn.bpmn(process=process, language="zh-hans"))

        assert drawn.kind(f"Join_{join}") == kind

    @pytest.mark.parametrize("process", EVERY, ids=lambda process: process.code)
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_the_picture_fits_on_a_phone(self, process: Process, language: str):
        check_picture(process, language)
        placed = picture.layout(process=process, language=language)
        assert all(box.width > picture.WIDTH / 4 for box in placed.boxes.values())

    def test_the_picture_names_steps_posts_limits_and_answers(self):
        fault = catalogue.in_force(code="FAULT_REPAIR", on=samples.DAY)

        root = ET.fromstring(picture.picture(process=fault, language="zh-hans", states={}))

        said = [text.text for text in root.iter(f"{SVG}text")]
        assert root.find(f"{SVG}title").text == "故障报修"
        assert {"受理报修", "督导 · 15 分钟", "新故障"} <= set(said)
        assert not any("style" in element.attrib for element in root.iter())

    def test_the_picture_shows_how_far_an_order_is(self):
        fault = catalogue.in_force(code="FAULT_REPAIR", on=samples.DAY)
        states = flow.states(process=fault, done={"TAKE": "NEW"})

        root = ET.fromstring(picture.picture(process=fault, language="en", states=states))

        classes = [group.get("class") for group in root.iter(f"{SVG}g")]
        for state in ("done", "ready", "waiting", "skipped"):
            wanted = sum(one == state.upper() for one in states.values())
            assert sum(f"process-step-{state}" in one for one in classes) == wanted > 0

    def test_the_customers_own_steps_look_different(self):
        supply = catalogue.in_force(code="NEW_HV_SINGLE", on=samples.DAY)

        text = picture.picture(process=supply, language="en", states={})

        assert text.count("process-step-customer") == 3


class TestAny:
    @settings(max_examples=60, deadline=None)
    @given(process=samples.processes())
    def test_the_file_means_the_process(self, process: Process):
        check_bpmn(process)

    @settings(max_examples=60, deadline=None)
    @given(process=samples.processes(most_steps=14))
    def test_the_picture_overlaps_nothing(self, process: Process):
        check_picture(process, "en")
        text = picture.picture(process=process, language="en", states={})
        assert ET.fromstring(text).tag == f"{SVG}svg"
        assert picture.picture(process=process, language="en", states={}) == text

    def test_names_are_escaped(self):
        text = samples.TEXT.replace('en = "Visit"', 'en = "<b>&\\"Visit\\""')
        process = samples.read(text)

        root = ET.fromstring(picture.picture(process=process, language="en", states={}))
        drawn = Drawing(bpmn.bpmn(process=process, language="en"))

        assert '<b>&"Visit"' in [one.text for one in root.iter(f"{SVG}text")]
        assert drawn.nodes["Step_VISIT"].get("name") == '<b>&"Visit"'
