"""Why a row or a file could not be used, in words for people."""

from lamplighter.policy.loader import Words


class FileRefused(Exception):
    """A whole file cannot be used; *code* is a key of FILE_REASONS, *detail* names the place."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{FILE_REASONS[code].en}: {detail}")
        self.code = code
        self.detail = detail


MISSING = "MISSING"
NOT_A_NUMBER = "NOT_A_NUMBER"
NOT_FINITE = "NOT_FINITE"
NOT_WHOLE = "NOT_WHOLE"
TOO_PRECISE = "TOO_PRECISE"
TOO_SMALL = "TOO_SMALL"
TOO_LARGE = "TOO_LARGE"
TOO_LONG = "TOO_LONG"
NOT_A_DAY = "NOT_A_DAY"
NOT_A_MOMENT = "NOT_A_MOMENT"
NOT_MIDNIGHT = "NOT_MIDNIGHT"
AMBIGUOUS_MOMENT = "AMBIGUOUS_MOMENT"
NO_SUCH_MOMENT = "NO_SUCH_MOMENT"
TOO_EARLY = "TOO_EARLY"
TOO_LATE = "TOO_LATE"
UNKNOWN_CHOICE = "UNKNOWN_CHOICE"
NOT_A_FLAG = "NOT_A_FLAG"
FORMULA = "FORMULA"
CELL_ERROR = "CELL_ERROR"
DIGITS_LOST = "DIGITS_LOST"
CONTROL_CHARACTER = "CONTROL_CHARACTER"
WRONG_COLUMN_COUNT = "WRONG_COLUMN_COUNT"
CONFLICTING_REPEAT = "CONFLICTING_REPEAT"
UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"
UNKNOWN_PARENT = "UNKNOWN_PARENT"
PARENT_RING = "PARENT_RING"
UNKNOWN_STATION = "UNKNOWN_STATION"
UNKNOWN_FEEDER = "UNKNOWN_FEEDER"
UNKNOWN_AREA = "UNKNOWN_AREA"
UNKNOWN_STAFF = "UNKNOWN_STAFF"
UNKNOWN_ORG_UNIT = "UNKNOWN_ORG_UNIT"
MOVED_UNIT = "MOVED_UNIT"
OVERLAP = "OVERLAP"
ENDS_BEFORE_START = "ENDS_BEFORE_START"

ROW_REASONS: dict[str, Words] = {
    MISSING: Words(zh="必填项为空", en="required, but empty"),
    NOT_A_NUMBER: Words(zh="不是数字", en="not a number"),
    NOT_FINITE: Words(zh="数值无效(NaN 或无穷大)", en="not a finite number"),
    NOT_WHOLE: Words(zh="应为整数", en="not a whole number"),
    TOO_PRECISE: Words(zh="小数位数过多", en="too many decimals"),
    TOO_SMALL: Words(zh="小于允许的最小值", en="smaller than allowed"),
    TOO_LARGE: Words(zh="大于允许的最大值", en="larger than allowed"),
    TOO_LONG: Words(zh="内容过长", en="too long"),
    NOT_A_DAY: Words(zh="日期格式不符", en="not a date in the mapping's format"),
    NOT_A_MOMENT: Words(zh="日期时间格式不符", en="not a date and time in the mapping's format"),
    NOT_MIDNIGHT: Words(zh="应为日期,却带有时刻", en="a date was due, but there is a time of day"),
    AMBIGUOUS_MOMENT: Words(
        zh="该时刻因夏令时出现两次,无法确定", en="this local time occurred twice (clock change)"
    ),
    NO_SUCH_MOMENT: Words(
        zh="该时刻因夏令时并不存在", en="this local time did not occur (clock change)"
    ),
    TOO_EARLY: Words(zh="日期过早", en="the date is too early"),
    TOO_LATE: Words(zh="日期过晚", en="the date is too late"),
    UNKNOWN_CHOICE: Words(zh="代码未在映射中定义", en="a code the mapping does not know"),
    NOT_A_FLAG: Words(zh="不是“是/否”", en="neither yes nor no"),
    FORMULA: Words(zh="单元格为公式,请粘贴为数值", en="a formula; paste it as a value"),
    CELL_ERROR: Words(zh="单元格为公式错误值", en="the cell holds an error"),
    DIGITS_LOST: Words(
        zh="长号码被表格软件改成了科学计数,末位已丢失;请设为文本格式",
        en="a long number was rounded by the spreadsheet; format the column as text",
    ),
    CONTROL_CHARACTER: Words(zh="含有不可见的控制字符", en="has a control character"),
    WRONG_COLUMN_COUNT: Words(zh="列数与表头不一致", en="not as many cells as the header"),
    CONFLICTING_REPEAT: Words(
        zh="与本文件前面的行编号相同而内容不同",
        en="same key as an earlier row of this file, other content",
    ),
    UNKNOWN_REFERENCE: Words(zh="所指的编号未建档", en="names what is not on record"),
    UNKNOWN_PARENT: Words(zh="上级单位不存在", en="the parent unit is unknown"),
    PARENT_RING: Words(zh="上级单位互相包含", en="the units contain each other"),
    UNKNOWN_STATION: Words(zh="供电所不存在", en="the supply station is unknown"),
    UNKNOWN_FEEDER: Words(zh="线路不存在", en="the feeder is unknown"),
    UNKNOWN_AREA: Words(zh="台区不存在", en="the station area is unknown"),
    UNKNOWN_STAFF: Words(zh="人员工号不存在", en="the staff number is unknown"),
    UNKNOWN_ORG_UNIT: Words(zh="单位不存在", en="the organisation unit is unknown"),
    MOVED_UNIT: Words(
        zh="单位已建档,不能通过导入改变上级", en="a known unit cannot be moved by an import"
    ),
    OVERLAP: Words(zh="与已有时段重叠", en="overlaps a span that stands"),
    ENDS_BEFORE_START: Words(zh="结束日早于开始日", en="ends before it starts"),
}

FILE_REASONS: dict[str, Words] = {
    "EMPTY": Words(zh="文件为空", en="the file is empty"),
    "TOO_BIG": Words(zh="文件过大", en="the file is too large"),
    "TOO_MANY_ROWS": Words(zh="行数过多", en="too many rows"),
    "TOO_MANY_COLUMNS": Words(zh="列数过多", en="too many columns"),
    "TOO_MANY_CELLS": Words(zh="工作表单元格过多", en="the sheet spans too many cells"),
    "LINE_TOO_LONG": Words(zh="单行过长", en="a line is too long"),
    "OPEN_QUOTE": Words(zh="引号未闭合", en="a quotation mark is never closed"),
    "WRONG_ENCODING": Words(zh="文字编码不符", en="not in the mapping's encoding"),
    "NUL_BYTE": Words(zh="含有 NUL 字节,不是文本文件", en="has a NUL byte: this is no text file"),
    "WRONG_COLUMNS": Words(zh="表头与映射不符", en="the columns are not the mapping's"),
    "UNREADABLE": Words(zh="文件无法读取", en="the file cannot be read"),
    "ZIP_BOMB": Words(zh="压缩内容异常(疑似压缩炸弹)", en="unpacks to far more than it should"),
    "NO_SUCH_SHEET": Words(zh="没有该工作表", en="there is no such sheet"),
    "TOO_MANY_BAD_ROWS": Words(
        zh="不可用的行过多,请检查映射或前置数据",
        en="too many unusable rows: check the mapping, or what should have come first",
    ),
}


def row_reason(*, code: str) -> Words:
    """Return a row's reason in words; a code of another room speaks for itself.

    >>> row_reason(code="MISSING").zh
    '必填项为空'
    """
    return ROW_REASONS.get(code) or Words(zh=code, en=code)


def file_reason(*, code: str) -> Words:
    """Return a file's reason in words."""
    return FILE_REASONS[code]
