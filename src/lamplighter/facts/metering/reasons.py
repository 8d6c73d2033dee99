"""Why a row of this room could not be used, in words for people."""

from lamplighter.policy.loader import Words

UNKNOWN_USAGE_POINT = "UNKNOWN_USAGE_POINT"
UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
UNKNOWN_AREA = "UNKNOWN_AREA"
OTHER_ACCOUNT = "OTHER_ACCOUNT"
OVERLAP = "OVERLAP"
METER_DIFFERS = "METER_DIFFERS"
ENDS_BEFORE_START = "ENDS_BEFORE_START"
MULTIPLIER_NOT_POSITIVE = "MULTIPLIER_NOT_POSITIVE"
NOT_FINITE = "NOT_FINITE"
NEGATIVE_ENERGY = "NEGATIVE_ENERGY"
TOO_MUCH_ENERGY = "TOO_MUCH_ENERGY"
DAY_AHEAD = "DAY_AHEAD"
CONFLICTING_DUPLICATE = "CONFLICTING_DUPLICATE"
NOT_ON_GRID = "NOT_ON_GRID"
NO_VALUES = "NO_VALUES"

ROW_REASONS: dict[str, Words] = {
    UNKNOWN_AREA: Words(zh="台区不存在", en="the station area is unknown"),
    OVERLAP: Words(zh="与已有时段重叠", en="overlaps a span that stands"),
    ENDS_BEFORE_START: Words(zh="结束日早于开始日", en="ends before it starts"),
    NOT_FINITE: Words(zh="数值无效(NaN 或无穷大)", en="not a finite number"),
    UNKNOWN_USAGE_POINT: Words(zh="计量点不存在", en="the usage point is unknown"),
    UNKNOWN_ACCOUNT: Words(zh="户号不存在", en="the account is unknown"),
    OTHER_ACCOUNT: Words(zh="计量点已属于另一户", en="the usage point belongs to another account"),
    METER_DIFFERS: Words(
        zh="该电能表已建档,内容不同", en="the meter is known from that day with other content"
    ),
    MULTIPLIER_NOT_POSITIVE: Words(zh="倍率应大于零", en="the multiplier must be above zero"),
    NEGATIVE_ENERGY: Words(zh="电量为负", en="negative energy"),
    TOO_MUCH_ENERGY: Words(zh="电量大得不合理", en="implausibly much energy"),
    DAY_AHEAD: Words(zh="读数日期晚于今天", en="the reading lies in the future"),
    CONFLICTING_DUPLICATE: Words(
        zh="与本文件前面的读数冲突",
        en="contradicts an earlier reading of the same file",
    ),
    NOT_ON_GRID: Words(
        zh="起始时刻不在 15、30 或 60 分钟的整点上",
        en="does not start on a quarter, half or full hour",
    ),
    NO_VALUES: Words(zh="全天没有一个有效值", en="the day has no value at all"),
}
