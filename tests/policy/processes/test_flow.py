"""How steps open, are skipped and join, held against every way through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.policy.processes import flow
from lamplighter.policy.processes.shapes import Process
from tests.policy.processes import samples


@pytest.fixture
def process() -> Process:
    return samples.read(samples.TEXT)


def opened(process: Process, **done: str) -> list[str]:
    return [step.code for step in flow.open_steps(process=process, done=done)]


def test_a_choice_opens_one_way_and_skips_the_other(process: Process):
    assert opened(process) == ["TAKE"]
    assert opened(process, TAKE="YES") == ["VISIT"]
    assert opened(process, TAKE="YES", VISIT="") == ["DO"]
    assert opened(process, TAKE="NO") == ["DO"]
    assert flow.states(process=process, done={"TAKE": "NO"})["VISIT"] == flow.SKIPPED
    assert not flow.is_over(process=process, done={"TAKE": "NO"})
    assert flow.is_over(process=process, done={"TAKE": "NO", "DO": ""})


@pytest.mark.parametrize("done", [{"TEA": ""}, {"TAKE": "MAYBE"}, {"TAKE": ""}, {"DO": "YES"}])
def test_an_answer_nobody_knows_is_refused(process: Process, done: dict[str, str]):
    with pytest.raises(flow.AnswerUnknown, match="METER_TEST/2020-01-01"):
        flow.states(process=process, done=done)


@given(process=samples.processes(), data=st.data())
def test_doing_what_is_open_in_any_order_does_just_one_way_through(
    process: Process, data: st.DataObject
):
    done: dict[str, str] = {}
    while ready := flow.open_steps(process=process, done=done):
        step = data.draw(st.sampled_from(ready))
        done[step.code] = data.draw(st.sampled_from(flow.answers(step)))

    assert flow.is_over(process=process, done=done)
    answered = {code: answer for code, answer in done.items() if answer}
    ways = [active for given, active in flow.runs(process) if answered.items() <= given.items()]
    assert ways
    assert set(ways) == {frozenset(done)}
    assert any(process.step(code).is_end for code in done)


@given(process=samples.processes())
def test_before_and_behind_mirror_each_other(process: Process):
    for one in process.steps:
        behind = flow.behind(code=one.code, steps=process.steps)
        for other in process.steps:
            before = flow.before(code=other.code, steps=process.steps)
            assert (other.code in behind) == (one.code in before and one is not other)
