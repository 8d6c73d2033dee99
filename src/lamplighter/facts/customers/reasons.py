"""Why a row of this room could not be used, in words for people."""

from lamplighter.facts.intake import reasons
from lamplighter.policy.loader import Words

UNKNOWN_REFERENCE = reasons.UNKNOWN_REFERENCE
CONFLICTING_REPEAT = reasons.CONFLICTING_REPEAT
ENDS_BEFORE_START = reasons.ENDS_BEFORE_START
EXPIRED = "EXPIRED"
CONSENT_WITHOUT_END = "CONSENT_WITHOUT_END"
EVIDENCE_MISSING = "EVIDENCE_MISSING"
SAME_ACCOUNT = "SAME_ACCOUNT"
CUSTOMER_DIFFERS = "CUSTOMER_DIFFERS"
PHONE_UNUSABLE = "PHONE_UNUSABLE"

ROW_REASONS: dict[str, Words] = {
    EXPIRED: Words(
        zh="个人信息的保存期已过, 不再收录", en="the time for keeping this personal data is over"
    ),
    CONSENT_WITHOUT_END: Words(
        zh="基于同意的信息须写明同意日或到期日",
        en="a consent needs the day it was given, or its end",
    ),
    EVIDENCE_MISSING: Words(zh="核实的窃电须写明依据", en="verified theft must name its evidence"),
    SAME_ACCOUNT: Words(zh="户号与关联户号相同", en="both accounts are the same"),
    CUSTOMER_DIFFERS: Words(
        zh="同一客户编号在前面的行内容不同",
        en="an earlier row says something else of the same customer",
    ),
    PHONE_UNUSABLE: Words(
        zh="不是可以拨打的个人电话 (固话须带区号, 不收分机与服务热线)",
        en="no number that reaches a person (landlines with area code; no extensions, no hotlines)",
    ),
}
