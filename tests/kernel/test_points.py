"""Chinese punctuation: what is set, and what stays as it is."""

import pytest

from lamplighter.kernel import points


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("经济损失 (元)", "经济损失（元）"),
        ("在办 %(n)d 件, 等客户 %(m)d 件.", "在办 %(n)d 件，等客户 %(m)d 件。"),
        ("(%(low)s 到 %(high)s 度之间)", "（%(low)s 到 %(high)s 度之间）"),
        ("内到 {promise.ARRIVAL}, 请稍等!", "内到 {promise.ARRIVAL}，请稍等！"),
        ("%(who)s %(at)s", "%(who)s %(at)s"),
        ("11月25日 02:15", "11月25日 02:15"),
        ("1,234.50 kWh", "1,234.50 kWh"),
        ("导出 XLSX.", "导出 XLSX。"),
        ("", ""),
    ],
)
def test_points_are_set_where_chinese_stands(typed, shown):
    assert points.chinese(typed) == shown
    assert points.chinese(shown) == shown
