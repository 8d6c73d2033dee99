"""The stable codes of processes, each with its name; words.md holds them too."""

from lamplighter.policy.loader import Words


def _words(**names: tuple[str, str]) -> dict[str, Words]:
    return {code: Words(zh=zh, en=en) for code, (zh, en) in names.items()}


FUNCTIONS = _words(
    F1=("信息查询", "information query"),
    F2=("业务咨询", "consultation"),
    F3=("市场调查", "market survey"),
    F4=("宣传服务", "publicity"),
    F5=("投诉举报建议", "complaint, report, suggestion"),
    F6=("业务受理", "business acceptance"),
    F7=("故障报修", "fault report"),
    F8=("客户资料库", "customer database"),
    F9=("信息发布", "information release"),
    F10=("质量评价", "quality assessment"),
    F11=("回访", "return visit"),
    F12=("督办", "supervision for the customer"),
)
RETURN_VISITS = "F11"  # ask questions of their own, by telephone
OWN_WORDS = "SAID"  # the field in which a step that asks keeps what the customer says

TYPES = {
    "INFORMATION_QUERY": "F1",
    "CONSULTATION": "F2",
    "MARKET_SURVEY": "F3",
    "REGULAR_VISIT": "F3",
    "PUBLICITY": "F4",
    "COMPLAINT": "F5",
    "REPORT": "F5",
    "SUGGESTION": "F5",
    "NEW_LV_RESIDENT": "F6",
    "NEW_LV_OTHER": "F6",
    "NEW_HV_SINGLE": "F6",
    "NEW_HV_DOUBLE": "F6",
    "MORE_LV": "F6",
    "MORE_HV": "F6",
    "LESS_CAPACITY": "F6",
    "SUSPEND": "F6",
    "RESUME": "F6",
    "SWAP_TRANSFORMER": "F6",
    "MOVE_SITE": "F6",
    "MOVE_METER": "F6",
    "TAKE_DOWN": "F6",
    "RENAME": "F6",
    "TRANSFER": "F6",
    "SPLIT": "F6",
    "MERGE": "F6",
    "CLOSE": "F6",
    "CHANGE_VOLTAGE": "F6",
    "CHANGE_CLASS": "F6",
    "FAULT_REPAIR": "F7",
    "METER_TEST": "F7",
    "BILL_DOUBT": "F7",
    "VOLTAGE_COMPLAINT": "F7",
    "RESTORE_ARREARS": "F7",
    "DAMAGE_CLAIM": "F7",
    "ARCHIVE_CORRECTION": "F8",
    "RELEASE_POLICY": "F9",
    "RELEASE_TARIFF": "F9",
    "RELEASE_OUTAGE": "F9",
    "QUALITY_ASSESSMENT": "F10",
    "RETURN_VISIT": "F11",
    "CHASE": "F12",
}

# Only consultation and business acceptance may be served faster by grade: the order of repair,
# the price and the terms of supply are the same for everybody (PIPL Art. 24).
GREEN_FUNCTIONS = ("F2", "F6")

POSTS = _words(
    AGENT=("95598 坐席", "95598 agent"),
    DUTY_DESK=("抢修值班台", "repair duty desk"),
    CREW=("抢修班组", "repair crew"),
    MANAGER=("客户经理", "customer manager"),
    INSTALLER=("装表接电班", "installation crew"),
    METERING=("计量班", "metering crew"),
    BILLING=("核算员", "billing clerk"),
    PLANNER=("供电方案编制", "supply planner"),
    REVIEWER=("设计审查", "design reviewer"),
    INSPECTOR=("用电检查", "inspector of installations"),
    WORKS=("配网工程班", "network works"),
    VOLTAGE_DESK=("电压质量专责", "voltage engineer"),
    DISPATCHER=("调度员", "dispatcher"),
    EDITOR=("知识库管理员", "knowledge editor"),
    DISCIPLINE=("纪检监督", "discipline officer"),
    QUALITY=("质检员", "quality assessor"),
    SUPERVISOR=("督导", "supervisor"),
    STATION_HEAD=("所长", "station head"),
    BRANCH=("市县公司", "county or city branch"),
    CUSTOMER=("客户", "customer"),
)

STAGES = _words(
    INTAKE=("受理", "intake"),
    ASSIGNMENT=("派单", "assignment"),
    SURVEY=("现场勘查", "site survey"),
    SCHEME=("供电方案", "supply scheme"),
    DESIGN=("设计审查", "design review"),
    WORKS=("工程施工", "works"),
    SITE=("现场处理", "work on site"),
    INSPECTION=("检验", "inspection"),
    CONTRACT=("合同签订", "contract"),
    METERING=("计量装接", "metering"),
    POWER_ON=("送电", "power on"),
    SETTLEMENT=("电费结清", "settlement"),
    DECISION=("审核审批", "decision"),
    ANSWER=("答复客户", "answer"),
    ARCHIVE=("归档", "filing"),
    FOLLOW_UP=("回访", "follow-up"),
)

PAUSES = _words(
    DOCUMENTS=("等客户补齐资料", "waiting for the customer's documents"),
    PAYMENT=("等客户缴费", "waiting for the customer's payment"),
    CUSTOMER_WORKS=("等客户自己的工程或场地", "waiting for the customer's own works or site"),
    ACCESS=("等客户开门或到场", "waiting for the customer to let us in"),
    SIGNATURE=("等客户签字", "waiting for the customer's signature"),
)

LEVELS = _words(
    ERROR=("差错", "error"),
    OBSTACLE=("障碍", "obstacle"),
    ACCIDENT=("事故", "accident"),
)

UNITS = _words(
    minutes=("分钟", "minutes"),
    hours=("小时", "hours"),
    working_days=("个工作日", "working days"),
)

RULE_UNITS = {
    **UNITS,
    **_words(
        days=("天", "days"),
        months=("个月", "months"),
        percent=("%", "%"),
        times=("次", "times"),
        cases=("件", "cases"),
        persons=("人", "persons"),
        CNY=("元", "yuan"),
        none=("", ""),  # of a rule that is a word
    ),
}

FIELD_KINDS = (
    "TEXT", "NUMBER", "DATE", "MOMENT", "CHOICE", "FLAG", "FILE", "PHOTO", "PHONE", "READING",
)  # fmt: skip

DIMENSIONS = {
    "ALL": _words(ALL=("所有客户", "everybody")),
    "AREA_TYPE": _words(
        URBAN=("城区", "urban"),
        SUBURBAN=("城郊", "suburban"),
        RURAL=("农村", "rural"),
        REMOTE=("特殊边远地区", "remote"),
    ),
    "VOLTAGE": _words(LV=("低压", "low voltage"), HV=("高压", "high voltage")),
    "CUSTOMER_KIND": _words(RESIDENT=("居民", "resident"), OTHER=("非居民", "other than resident")),
    "HV_SOURCES": _words(
        HV_SINGLE=("高压单电源", "high voltage, one source"),
        HV_DOUBLE=("高压双电源", "high voltage, two sources"),
    ),
}
