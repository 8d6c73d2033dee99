"""Finding people by what somebody remembers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lamplighter.facts.customers import asking, phones, queries, terms
from lamplighter.facts.customers.models import Contact
from tests.factories import TODAY, make_area, make_station
from tests.facts.customers.conftest import customer, take_in
from tests.facts.landings import FIRST, KEY


@pytest.fixture
def people(station):
    take_in(
        "customer",
        customer(station.area, "6101000001", "单雄信"),
        customer(station.area, "6101000002", "王晓明", address="土门镇张家村3组8号"),
        customer(station.area, "6101000003", "曾丽"),
        customer(station.area, "6101000004", "土门供销合作社", kind="ENTERPRISE"),
        customer(station.area, "6101000005", "Cambridge Dairy 有限公司", kind="ENTERPRISE"),
    )
    take_in(
        "contact",
        {
            "account_number": "6101000002", "role": "CHILD_AWAY", "name": "王强",
            "phone": "19900001234", "purpose": "提醒", "basis": "CONSENT",
            "granted_day": TODAY,
        },
    )  # fmt: skip
    return station


def found(station, text, *, viewer=None, limit=10):
    hits = queries.search(
        viewer=viewer or station.manager, on=TODAY, text=text, limit=limit, field_key=KEY
    )
    return [hit.name for hit in hits]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("王晓明", "王晓明"),
        ("晓明", "王晓明"),
        ("王曉明", "王晓明"),  # traditional
        ("wangxiaoming", "王晓明"),
        ("wang xiao", "王晓明"),
        ("wxm", "王晓明"),
        ("shanxx", ""),
        ("sxx", "单雄信"),
        ("shan", "单雄信"),
        ("zengli", "曾丽"),
        ("王小明", "王晓明"),  # a homophone
        ("wanxiaomin", "王晓明"),  # an accent
        ("张家村", "王晓明"),
        ("土门张家村8", "王晓明"),
        ("张甲村", "王晓明"),  # one wrong character
        ("供销社", "土门供销合作社"),
        ("6101000003", "曾丽"),
        ("000003", "曾丽"),  # its end
        ("199 0000 1234", "王晓明"),
        ("1234", "王晓明"),
        ("999999197001010003", "曾丽"),
        ("cambridge", "Cambridge Dairy 有限公司"),
    ],
)
def test_finds(people, text, first):
    names = found(people, text)

    assert (names or [""])[0] == first


@pytest.mark.parametrize(
    "text", ["", "  ", "'", "\\", "%", "&|!:*()", "李四光", "\x00", "\x00龘", "'a' & b"]
)
def test_nonsense_finds_nothing_and_breaks_nothing(people, text):
    assert found(people, text) == []


def test_another_station_finds_nothing(people):
    for text in ("王晓明", "wxm", "6101000002", "19900001234", "1234", "999999197001010003"):
        assert found(people, text, viewer=people.stranger) == []


def test_a_number_whose_consent_is_over_finds_nobody(people):
    Contact.objects.update(withdrawn_at=FIRST)

    assert found(people, "19900001234") == []
    assert found(people, "1234") == []


def test_costs_at_most_five_queries_beside_what_is_prepared_once(people):
    with CaptureQueriesContext(connection) as made:
        found(people, "王小民")

    assert len([one for one in made if not one["sql"].startswith("PREPARE")]) <= 5


def test_who_sees_a_whole_unit_is_answered_by_the_index_of_words(people):
    with CaptureQueriesContext(connection) as captured:
        found(people, "城关", viewer=people.head)
    asked = [query["sql"] for query in captured if "customers_searchentry" in query["sql"]]

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked[0]}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "search_entry_terms" in plan
    assert "searchentry_area_id" not in plan


@pytest.fixture
def namesakes(station):
    """Seven called 王强, one of them elsewhere; a longer name, a homophone, and a street."""
    names = [*["王强"] * 6, "王强国", "汪强"]
    take_in(
        "customer",
        *(customer(station.area, f"61020000{n:02}", name) for n, name in enumerate(names)),
        customer(station.area, "6102000099", "李梅", address="王强街9号"),
        customer(make_area(station=make_station()), "6101999999", "王强"),
    )
    return station


def test_a_name_that_many_bear_is_what_was_meant(namesakes):
    assert found(namesakes, "王强") == ["王强"] * 6
    assert found(namesakes, "王強") == ["王强"] * 6  # traditional


def test_those_of_one_name_come_a_page_at_a_time_in_order(namesakes):
    def numbers(limit):
        hits = queries.search(
            viewer=namesakes.manager, on=TODAY, text="王强", limit=limit, field_key=KEY
        )
        return [hit.account_number for hit in hits]

    assert numbers(4) == numbers(10)[:4] == [f"610200000{n}" for n in range(4)]


def test_a_wide_search_finds_the_rest_too(namesakes):
    hits = queries.search(
        viewer=namesakes.manager, on=TODAY, text="王强", limit=20, field_key=KEY, is_wide=True
    )

    assert [hit.name for hit in hits] == [*["王强"] * 6, "王强国", "李梅"]


def test_a_name_that_few_bear_leaves_the_search_wide_and_forgiving(namesakes):
    assert found(namesakes, "汪强")[:2] == ["汪强", "王强"]


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("单雄信", "shanxiongxin"),
        ("曾国藩", "zengguofan"),
        ("解珍", "xiezhen"),
        ("仇英", "qiuying"),
        ("尉迟恭", "yuchigong"),
        ("欧阳修", "ouyangxiu"),
    ],
)
def test_surnames_are_read_as_surnames(name, sound):
    assert "".join(terms.syllables(name=name)) == sound


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("15400000086", "15400000086"),
        ("+86 15400000017", "15400000017"),
        ("0086-19900001234", "19900001234"),
        ("010-62345678", "010-62345678"),
        ("(0911) 8212345", "0911-8212345"),
        ("+86 911 8212345", "0911-8212345"),
        ("１９９００００１２３４", "19900001234"),
    ],
)
def test_a_number_has_one_form(text, number):
    assert phones.normalised(text=text) == number


@pytest.mark.parametrize(
    "text",
    [
        *("010-95598", "95598", "4008195598", "62345678", "0911-8212345-801", "0911-8212345转2"),
        *("19900001234/19900001235", "", "王强", "12345678901", "010-12345678", "+1 650 253 0000"),
    ],
)
def test_what_reaches_no_person_is_refused(text):
    with pytest.raises(phones.PhoneUnusable):
        phones.normalised(text=text)


def test_a_long_question_is_cut():
    assert len(asking.understood(text="王" * 5000).text) == asking.LONGEST_QUESTION
