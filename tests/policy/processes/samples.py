"""A small process file that tests bend, and random processes."""

from datetime import date

from hypothesis import strategies as st

from lamplighter.policy.processes import reading
from lamplighter.policy.processes.shapes import Process

DAY = date(2020, 1, 1)
CODE = "METER_TEST"
HEAD = """\
title = { zh = "试验", en = "Trial" }
function = "F7"
about = { zh = "关于", en = "About" }
begins = { zh = "开始", en = "Begins" }
ends = { zh = "结束", en = "Ends" }
confirmed = ["DO"]
requests = ["METER_TEST"]

[sources]
own = { text = { zh = "试验", en = "trial" }, certainty = "O" }

[[promises]]
code = "DAYS"
title = { zh = "承诺", en = "Promise" }
outward = true
until = "DO"
by = "ALL"

[promises.cases]
ALL = { amount = 5, unit = "working_days", calendar = "WORKING_DAYS", source = "own" }

[[pauses]]
code = "ACCESS"
steps = ["DO"]
customer = { zh = "等您", en = "We wait" }
agent = { zh = "须拍照", en = "With a photo" }

[[failures]]
code = "LATE"
title = { zh = "超时", en = "Late" }
level = "ERROR"
breach = "DAYS"
late_from = 0
source = "own"

[[rules]]
code = "FEE"
about = { zh = "费用", en = "Fee" }
value = 3
unit = "CNY"
source = "own"
"""
TAKE = """
[[steps]]
code = "TAKE"
title = { zh = "受理", en = "Take" }
who = "AGENT"
when = { amount = 2, unit = "hours", calendar = "OFFICE_HOURS", source = "own" }
where = "INTAKE"
follows = []
what = { zh = "做什么", en = "What" }
why = { zh = "为什么", en = "Why" }
how = { zh = "怎么做", en = "How" }
customer = { zh = "已受理", en = "Taken" }
fields = [
  { code = "PHONE", title = { zh = "电话", en = "Phone" }, kind = "PHONE", required = true },
  { code = "KIND", title = { zh = "种类", en = "Kind" }, kind = "CHOICE", \
options = { A = { zh = "甲", en = "a" }, B = { zh = "乙", en = "b" } } },
]

[steps.choice]
question = { zh = "要上门吗?", en = "A visit?" }
answers = [
  { code = "YES", title = { zh = "要", en = "yes" } },
  { code = "NO", title = { zh = "不要", en = "no" } },
]
"""
VISIT = """
[[steps]]
code = "VISIT"
title = { zh = "上门", en = "Visit" }
who = "METERING"
when = { share = 0.5, of = "DAYS", source = "own" }
where = "SITE"
follows = ["TAKE:YES"]
what = { zh = "做什么", en = "What" }
why = { zh = "为什么", en = "Why" }
how = { zh = "怎么做", en = "How" }
"""
DO = """
[[steps]]
code = "DO"
title = { zh = "办理", en = "Do" }
who = "MANAGER"
when = { amount = 1, unit = "working_days", calendar = "WORKING_DAYS", source = "own" }
ola = { amount = 3, unit = "hours", calendar = "OFFICE_HOURS", source = "own" }
where = "ANSWER"
follows = ["VISIT", "TAKE:NO"]
end = true
what = { zh = "做什么", en = "What" }
why = { zh = "为什么", en = "Why" }
how = { zh = "怎么做", en = "How" }
"""
TEXT = HEAD + TAKE + VISIT + DO


def read(text: str, *, code: str = CODE) -> Process:
    """Read a text as a version of a process."""
    return reading.read_text(text, code=code, valid_from=DAY)


def step(code: str, follows: list[str], *, answers: tuple[str, ...] = (), is_end: bool) -> str:
    """Return the text of a plain step."""
    ways = ", ".join(f'"{way}"' for way in follows)
    text = f"""
[[steps]]
code = "{code}"
title = {{ zh = "步骤 {code}", en = "Step {code}" }}
who = "{("AGENT", "CREW", "MANAGER")[sum(map(ord, code)) % 3]}"
when = {{ amount = 1, unit = "minutes", calendar = "ALWAYS", source = "own" }}
where = "SITE"
follows = [{ways}]
{"end = true" if is_end else ""}
what = {{ zh = "做什么", en = "What" }}
why = {{ zh = "为什么", en = "Why" }}
how = {{ zh = "怎么做", en = "How" }}
customer = {{ zh = "进展", en = "Progress" }}
"""
    if answers:
        said = ", ".join(
            f'{{ code = "{one}", title = {{ zh = "答 {one}", en = "Answer {one}" }} }}'
            for one in answers
        )
        text += f"""
[steps.choice]
question = {{ zh = "怎么走?", en = "Which way?" }}
answers = [{said}]
"""
    return text


@st.composite
def processes(draw: st.DrawFn, most_steps: int = 9) -> Process:
    """Draw a process whose steps follow each other in any way that is allowed."""
    n_steps = draw(st.integers(2, most_steps))
    codes = [f"S{place}" for place in range(n_steps)]
    is_choice = [draw(st.booleans()) for _ in codes]
    open_ways = [
        [f"{code}:{answer}" for answer in "AB"] if chosen else [code]
        for code, chosen in zip(codes, is_choice, strict=True)
    ]
    follows: list[list[str]] = [[]]
    for place in range(1, n_steps):
        ways = [way for before in open_ways[:place] for way in before]
        follows.append(
            sorted(draw(st.sets(st.sampled_from(ways), min_size=1, max_size=min(3, len(ways)))))
        )
    used = {way for ways in follows for way in ways}
    texts = []
    for code, chosen, leads, ways in zip(codes, is_choice, open_ways, follows, strict=True):
        is_end = not used & set(leads)
        loose = [] if is_end else [way for way in leads if way not in used]
        texts.append(
            step(code, ways, answers=() if is_end or not chosen else ("A", "B"), is_end=is_end)
        )
        texts += [step(f"E_{way.replace(':', '_')}", [way], is_end=True) for way in loose]
    head = HEAD.replace('confirmed = ["DO"]', "confirmed = []")
    head = head.replace('"DO"', f'"{codes[-1]}"')
    return read(head + "".join(texts))
