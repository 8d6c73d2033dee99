"""What is wrong with a mapping file and how to mend it, in words for people."""

from lamplighter.policy.loader import Words

NOT_READABLE = "NOT_READABLE"
NO_RECORD = "NO_RECORD"
NO_FORMAT = "NO_FORMAT"
NO_ENCODING = "NO_ENCODING"
NO_DELIMITER = "NO_DELIMITER"
NO_HEADER_ROW = "NO_HEADER_ROW"
NO_TIME_ZONE = "NO_TIME_ZONE"
NO_COLUMN_TABLE = "NO_COLUMN_TABLE"
NOT_ONE_SOURCE = "NOT_ONE_SOURCE"
NO_TEMPLATE = "NO_TEMPLATE"
NO_SUCH_UNIT = "NO_SUCH_UNIT"
UNIT_OF_NONE = "UNIT_OF_NONE"
NO_VALUES = "NO_VALUES"
NO_CHOICE = "NO_CHOICE"
NOT_OF_CURVES = "NOT_OF_CURVES"
NOT_ONE_KIND_OF_POINTS = "NOT_ONE_KIND_OF_POINTS"
NO_COUNT = "NO_COUNT"
NO_DIVISION = "NO_DIVISION"
NO_PARTS = "NO_PARTS"
INCOMPLETE = "INCOMPLETE"
NO_FIELD = "NO_FIELD"
NO_KEY = "NO_KEY"
NO_TABLE = "NO_TABLE"
NO_TEXT = "NO_TEXT"
NO_LIST = "NO_LIST"

REMEDIES: dict[str, Words] = {
    NOT_READABLE: Words(
        zh="文件读不出来({said}); 请存为 UTF-8 编码",
        en="cannot be read as UTF-8: {said}",
    ),
    NO_RECORD: Words(
        zh="没有 {given} 这种数据; 可以写: {known}",
        en="{given} is no record; write one of {known}",
    ),
    NO_FORMAT: Words(zh="{given} 不可用; 可以写: {known}", en="{given}; write one of {known}"),
    NO_ENCODING: Words(
        zh="没有 {given} 这种编码; 例如 utf-8 或 gb18030",
        en="{given} is no encoding; e.g. utf-8 or gb18030",
    ),
    NO_DELIMITER: Words(
        zh='请写一个 ASCII 字符, 例如 "," 或 "\\t"',
        en='one ASCII character, e.g. "," or "\\t"',
    ),
    NO_HEADER_ROW: Words(
        zh="请写表头所在的行号, 没有表头写 0",
        en="the number of the header's row, 0 for none",
    ),
    NO_TIME_ZONE: Words(
        zh="没有 {given} 这个时区; 例如 Asia/Shanghai", en="{given}; e.g. Asia/Shanghai"
    ),
    NO_COLUMN_TABLE: Words(
        zh='请写 [columns.{name}], 下面写 from = "…"',
        en='write [columns.{name}] with from = "…" below it',
    ),
    NOT_ONE_SOURCE: Words(
        zh="from、constant、template 三者只能写一个, 也必须写一个",
        en="give exactly one of from, constant, template",
    ),
    NO_TEMPLATE: Words(
        zh='列名写在花括号里: "{{户号}}-{{row}}"',
        en='write columns in braces: "{{户号}}-{{row}}"',
    ),
    NO_SUCH_UNIT: Words(
        zh="{given} 不能换算为 {ours}; 可以写: {known}",
        en="{given} does not turn into {ours}; known: {known}",
    ),
    UNIT_OF_NONE: Words(
        zh="这一项没有单位, 请删去 {given}",
        en="the field has no unit: take {given} out",
    ),
    NO_VALUES: Words(zh='请写成对照表: {{ "01" = "OURS" }}', en='a table: {{ "01" = "OURS" }}'),
    NO_CHOICE: Words(zh="{given} 不在可选值之内: {known}", en="{given} is not one of {known}"),
    NOT_OF_CURVES: Words(
        zh='只能与 record = "interval_reading" 或 "interval_day" 一起用',
        en='only with record = "interval_reading" or "interval_day"',
    ),
    NOT_ONE_KIND_OF_POINTS: Words(
        zh="要么写 columns, 要么写 prefix 和 count",
        en="give either columns or prefix and count",
    ),
    NO_COUNT: Words(
        zh="请写前缀后面有多少列, 例如 96",
        en="how many columns follow the prefix, e.g. 96",
    ),
    NO_DIVISION: Words(
        zh="{n} 列不能均分一天; 请用 24、48、96 …",
        en="{n} columns do not divide a day; use 24, 48, 96 …",
    ),
    NO_PARTS: Words(
        zh="一行拆成几条, 就写几个 [[unpivot.record]]",
        en="write [[unpivot.record]] once for each record of a row",
    ),
    INCOMPLETE: Words(
        zh="{record} 还缺 {absent}: 请加上 [columns.{first}]",
        en="{record} needs {absent}: add [columns.{first}]",
    ),
    NO_FIELD: Words(
        zh="{record} 没有 {given} 这一项; 它有: {known}",
        en="{record} has no field {given}; its fields are {known}",
    ),
    NO_KEY: Words(zh="没有这个键; 可以写: {known}", en="unknown key; known are {known}"),
    NO_TABLE: Words(zh="请写成表: [{name}]", en="write it as a table: [{name}]"),
    NO_TEXT: Words(zh='请加引号: "…"', en='write it in quotes: "…"'),
    NO_LIST: Words(zh='请写成列表: ["…", "…"]', en='write a list: ["…", "…"]'),
}
