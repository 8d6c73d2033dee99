"""What people of the demo write into the forms of steps: something for every field that must be.

Texts stand in the language of the station, like all that its people write.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

from django.conf import settings

from lamplighter.action.service.attachments import files
from lamplighter.action.service.attachments import services as attachments
from lamplighter.action.service.records import services as records
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.services import Asking
from lamplighter.action.service.whole import Whole
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader
from lamplighter.policy.processes import filling
from lamplighter.policy.processes.shapes import Field, Process, Step

PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0>>endobj\n"
)
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8ffff3f0005fe02fea135816a0000000049454e44ae426082"
)
NO = {"FEES", "IMPORTANT", "LIFE_SUPPORT"}
NUMBERS = {
    "AMOUNT": "186.40",
    "CAPACITY_KVA": "8",
    "ERROR_RATIO": "0.6",
    "HIGH_V": "238",
    "LOW_V": "209",
    "NEW_KVA": "400",
    "N_ACCOUNTS": "2",
    "N_ASKED": "120",
    "N_CASES": "30",
    "N_REACHED": "1860",
    "N_SENT": "214",
    "OLD_KVA": "250",
    "REDUCE_KVA": "150",
    "SCORE": "92",
    "VOLTAGE_V": "227",
}
TEXTS = {
    "ACCOUNTS": "两户同址，户主为同一人",
    "ANSWER": "可以自建，凭身份证和房产证明申请，由所里答复接入方案",
    "APPLIANCES": "冰箱一台，电视一台",
    "BILL": "上一期账单",
    "CAPACITIES": "每户 8 kVA",
    "CAUSE": "表箱内接线端子松动，接触不良",
    "CREW": "运维抢修二班",
    "DECISION": "采纳，下月起执行",
    "FINDING": "现场核实，情况属实",
    "FINDINGS": "接线规范，接地合格",
    "GROUNDS": "省公司当期文件",
    "INVESTIGATOR": "所内指定的非当事人员",
    "LOADS": "空调两台，电热水器一台",
    "MEASURE": "当面道歉，调整排班，窗口公示办理时限",
    "METER": "三相智能表 0412",
    "NEW": "已按证件更正",
    "NEW_NAME": "按过户资料登记",
    "NEW_SITE": "同台区东侧 200 米",
    "NEW_USE": "由居民改为小超市",
    "NEW_V": "10 kV",
    "OLD_V": "0.4 kV",
    "QUESTION": "客户想了解当期电费和余额",
    "REASON": "线路检修",
    "REFUND_TO": "原缴费账户",
    "ROOM": "楼道集中表箱",
    "SAID": "窗口排队时间长，希望增加叫号",
    "SEAL": "封 20417",
    "SECOND": "泵站不能断电",
    "SIGNS": "灯变暗后突然很亮",
    "STATEMENT": "当天三通电话同时进线，已按评分点改正",
    "TEXT": "按发布内容告知受影响客户",
    "TO": "移到门卫室外墙",
    "TOPIC": "夏季安全用电",
    "TRANSFORMER": "1 号变压器",
    "USE": "居民生活",
    "WHAT": "客户电话号码有变",
    "WHEN": "晚上七点到九点",
    "WHO": "近三个月办过业务的客户",
    "WHY": "用电量比往年同期高",
    "WISH": "希望当面说明并改正",
    "WRONG": "电压仍不稳，请再来看",
}
DAYS = {"UNTIL_DATE": 40, "VALID_UNTIL": 90}
DAYS_OF_TYPE = {"LESS_CAPACITY": 365}
SOON_DAYS = 5
PHONE = "19900004321"


def complete(
    asking: Asking, *, process: Process, step: Step, answer: str, chased: str = ""
) -> None:
    """Do a step with its form filled; *chased* is the order that a chase is asked for."""
    said = {
        field.code: chased
        if field.code == "ORDER"
        else _attached(field, asking)
        if field.kind in records.FILES
        else written(field, process=process, at=asking.now)
        for field in step.fields
        if field.is_required
    }
    records.complete(
        asking, step_code=step.code, answer=answer, said=said, field_key=settings.FIELD_KEY
    )


def fill(*, wholes: Sequence[Whole], viewer: Viewer, rules: Rules) -> None:
    """Keep the forms of steps that were reported done; their files are where the report is from."""
    key = settings.FIELD_KEY
    for whole in wholes:
        for row in whole.steps.values():
            if row.done_at is None:
                continue
            card = whole.process.step(row.code)
            asked = [one for one in card.fields if one.kind not in records.FILES]
            said = {
                one.code: written(one, process=whole.process, at=row.done_at)
                for one in asked
                if one.is_required
            }
            form = replace(card, fields=tuple(asked))
            values = filling.filled(step=form, said=said, zone=rules.zone)
            by = records.By(
                actor=viewer.actor, now=row.done_at, rules=rules, field_key=key, request_key=""
            )
            records.keep(
                whole, card=card, answer=row.answer, values=values, round_=row.round, by=by
            )


def written(field: Field, *, process: Process, at: datetime) -> str:
    """Return what is written into a field that is no file.

    Raises
    ------
    KeyError
        The demo has nothing to say in a field of this code.
    """
    later = DAYS_OF_TYPE.get(process.code, DAYS.get(field.code, SOON_DAYS))
    ways: dict[str, Callable[[], str]] = {
        "CHOICE": lambda: field.options[0][0],
        "DATE": lambda: (
            (at + timedelta(days=later if "UNTIL" in field.code else SOON_DAYS)).date().isoformat()
        ),
        "FLAG": lambda: "NO" if field.code in NO else "YES",
        "MOMENT": lambda: at.isoformat(),
        "NUMBER": lambda: NUMBERS[field.code],
        "PHONE": lambda: PHONE,
        "READING": lambda: "4120.6",
        "TEXT": lambda: TEXTS[field.code],
    }
    return ways[field.kind]()


def _attached(field: Field, asking: Asking) -> str:
    policy = loader.load(name=attachments.POLICY, on=asking.rules.on)
    is_photo = field.kind == "PHOTO"
    with files.taking(
        stream=BytesIO(PICTURE if is_photo else PAPER),
        folder=settings.ATTACHMENTS_FOLDER,
        n_bytes_at_most=policy.integer("bytes_at_most"),
    ) as taken:
        done = attachments.attach(
            asking,
            taken=taken,
            name=f"{field.title.zh}.{'png' if is_photo else 'pdf'}",
            folder=settings.ATTACHMENTS_FOLDER,
            policy=policy,
            field_key=settings.FIELD_KEY,
        )
    return str(done.attachment_id)
