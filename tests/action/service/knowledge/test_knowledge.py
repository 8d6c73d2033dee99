"""The knowledge base on PostgreSQL: what is found, what is in force, who may write, two at once."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from lamplighter.action.service.knowledge import errors, queries, services, starting
from lamplighter.action.service.knowledge.models import Article, ArticleVersion
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from lamplighter.policy.loader import Words
from tests import factories as make
from tests.factories import MORNING, TODAY

POLICY = loader.load(name="knowledge", on=TODAY)
DRAFTS = starting.drafts()
pytestmark = pytest.mark.django_db


def viewer(role="BRANCH", *, station=None):
    staff = make.make_staff(station=station or make.make_station(), post=role)
    return make.viewer_for(staff)


def publish(draft, *, by=None, after=0, key="", now=MORNING):
    return services.publish(
        viewer=by or viewer(), draft=draft, after_number=after, request_key=key, now=now,
        policy=POLICY,
    )  # fmt: skip


def search(text, *, by=None, on=TODAY, limit=5):
    return queries.search(viewer=by or viewer(), on=on, text=text, limit=limit, policy=POLICY)


@pytest.fixture
def shelf():
    writer = viewer()
    for draft in DRAFTS:
        publish(draft, by=writer)
    return writer


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("这个月电费怎么这么高", "bill-higher-than-usual"),
        ("電費為什麼比以前多", "bill-higher-than-usual"),
        ("阶梯电价咋算的", "tier-tariff"),
        ("峰谷电价划算吗", "time-of-use"),
        ("滞纳金是怎么算出来的", "late-fee"),
        ("我交了钱怎么还显示欠费", "paid-not-credited"),
        ("想把多交的电费退回来", "refund"),
        ("单位要开专用发票", "invoice"),
        ("房东不交电费", "tenant-landlord"),
        ("明天停电有通知吗", "planned-outage"),
        ("家里突然没电了", "no-power-now"),
        ("路边电线掉下来了", "danger-wire-down"),
        ("电压低空调带不动", "low-voltage"),
        ("停电把冰箱烧坏了赔不赔", "appliance-damaged"),
        ("欠费交清了什么时候来电", "restore-after-payment"),
        ("我觉得电表走得快, 想校表", "meter-test"),
        ("新房子装电表要什么材料", "new-home-connection"),
        ("店铺报装要多久", "new-business-connection"),
        ("跳闸想增容", "capacity-increase"),
        ("买房过户", "change-of-holder"),
        ("厂子停产办暂停", "suspend-supply"),
        ("销户怎么办", "close-account"),
        ("充电桩装表", "ev-charger"),
        ("凭什么给我评这个等级", "my-data-rights"),
        ("How do I get an invoice", "invoice"),
        ("tiered tariff", "tier-tariff"),
    ],
)
def test_finds_the_article_that_answers_what_customers_ask(shelf, asked, code):
    assert [hit.version.code for hit in search(asked, by=shelf)][:1] == [code]


@pytest.mark.parametrize("asked", ["", "？？？", "\x00", "😀" * 3000, "量子色动力学夸克"])
def test_finds_nothing_where_nothing_is_asked_or_known(shelf, asked):
    assert search(asked, by=shelf) == []


def test_the_answer_of_the_day_is_the_newest_version_that_has_begun(shelf):
    old = next(draft for draft in DRAFTS if draft.code == "tier-tariff")
    new = replace(old, answer=Words(zh="新的档次", en="New limits"), from_date=TODAY)
    assert publish(new, by=shelf, after=1) == 2

    before = queries.article(viewer=shelf, on=TODAY - timedelta(1), code="tier-tariff").in_force
    now = queries.article(viewer=shelf, on=TODAY, code="tier-tariff")

    assert before.number == 1
    assert now.in_force.answer.zh == "新的档次"
    assert [version.number for version in now.versions] == [2, 1]


def test_a_withdrawn_article_is_answered_no_more_but_kept(shelf):
    services.withdraw(
        viewer=shelf, code="refund", from_date=TODAY, because="the notice was replaced",
        after_number=1, request_key="", now=MORNING, policy=POLICY,
    )  # fmt: skip

    whole = queries.article(viewer=shelf, on=TODAY, code="refund")

    assert whole.in_force is None
    assert len(whole.versions) == 2
    assert "refund" not in [hit.version.code for hit in search("多交的电费退", by=shelf)]
    with pytest.raises(errors.ArticleUnknown):
        services.quote(viewer=shelf, on=TODAY, code="refund", subject="order:1", now=MORNING)


def test_what_a_unit_says_for_itself_is_seen_there_only_and_goes_first(shelf):
    here, there = make.make_station(), make.make_station()
    head = viewer("STATION_HEAD", station=here)
    own = replace(DRAFTS[0], org_path=head.org_path, answer=Words(zh="本所", en="Ours"))
    publish(own, by=head)
    hidden = replace(own, code="only-here")
    publish(hidden, by=head)

    def answer(by):
        return queries.article(viewer=by, on=TODAY, code=own.code).in_force.answer.en

    assert answer(viewer("AGENT", station=here)) == "Ours"
    assert answer(viewer("AGENT", station=there)) != "Ours"
    seen = queries.titles(viewer=viewer("AGENT", station=there), on=TODAY)
    assert "only-here" not in [one.code for one in seen]
    with pytest.raises(errors.ArticleUnknown):
        queries.article(viewer=viewer("AGENT", station=there), on=TODAY, code="only-here")


def test_only_who_may_publish_publishes_and_only_for_their_own_unit():
    station = make.make_station()

    for role in ("AGENT", "MANAGER", "CREW"):
        with pytest.raises(errors.NotAllowed):
            publish(DRAFTS[0], by=viewer(role, station=station))
    head = viewer("STATION_HEAD", station=station)
    with pytest.raises(errors.NotAllowed):
        publish(DRAFTS[0], by=head)
    with pytest.raises(errors.NotAllowed):
        publish(replace(DRAFTS[0], org_path="/elsewhere/"), by=head)
    assert not ArticleVersion.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answer": Words(zh="", en="x")}, "answer.zh: says nothing"),
        ({"title": Words(zh="x", en="y" * 81)}, "title.en: 81 characters, at most 80"),
        ({"body": Words(zh="很" * 8001, en="")}, "body.zh: 8001"),
        ({"answer": Words(zh="a\x00b", en="x")}, "NUL"),
        ({"source": " "}, "source: says nothing"),
        ({"certainty": "X"}, "certainty: X"),
        ({"until_date": date(2000, 1, 1)}, "until_date: 2000-01-01 is before"),
    ],
)
def test_refuses_an_article_that_is_not_whole_and_says_where(change, said):
    with pytest.raises(errors.ArticleWrong, match=said):
        publish(replace(DRAFTS[0], **change))
    assert not Article.objects.exists()


def test_script_and_markup_are_only_text():
    evil = "<script>alert(1)</script>'); DROP TABLE knowledge_article; --"
    publish(replace(DRAFTS[0], answer=Words(zh=evil, en=evil)))

    assert (
        queries.article(viewer=viewer(), on=TODAY, code=DRAFTS[0].code).in_force.answer.zh == evil
    )
    assert search("'); DROP TABLE knowledge_article; --") != []


def test_the_same_form_sent_twice_publishes_once(shelf):
    changed = replace(DRAFTS[0], from_date=TODAY)

    first = publish(changed, by=shelf, after=1, key="form-1")
    again = publish(changed, by=shelf, after=1, key="form-1")

    assert first == again == 2
    assert Event.objects.filter(subject=f"article:{changed.code}").count() == 2


def test_writing_over_somebody_elses_version_is_refused(shelf):
    publish(replace(DRAFTS[0], from_date=TODAY), by=shelf, after=1)

    with pytest.raises(errors.SomebodyElseWrote):
        publish(replace(DRAFTS[0], from_date=TODAY), by=shelf, after=1, key="another form")


def test_quoting_leaves_a_row_in_the_ledger_with_the_version(shelf):
    given = services.quote(viewer=shelf, on=TODAY, code="late-fee", subject="order:7", now=MORNING)

    event = Event.objects.get(name="service.knowledge.quoted")
    assert event.subject == "order:7"
    assert event.payload == {"article": "late-fee", "version": given.number}


def test_an_article_nobody_looked_at_for_long_is_marked(shelf):
    days = POLICY.integer("review_days")

    young = search("销户", by=shelf, on=TODAY + timedelta(days))
    old = search("销户", by=shelf, on=TODAY + timedelta(days + 1))

    assert not young[0].is_old
    assert old[0].is_old


def test_the_command_publishes_a_folder_once_and_what_changed_again(tmp_path):
    file = tmp_path / "own.toml"
    text = (starting.ARTICLES / "bills.toml").read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")

    def run():
        out = StringIO()
        call_command("publish_articles", str(tmp_path), stdout=out)
        return out.getvalue().split(", ")[1].strip()

    assert run() == f"{text.count('[[article]]')} new or changed"
    assert run() == "0 new or changed"
    file.write_text(text.replace("电费怎么交", "电费在哪交"), encoding="utf-8")
    assert run() == "1 new or changed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[article]\n", "own.toml: "),
        ("[[article]]\ncode = 'x'\n", "own.toml, article 1: lacks answer"),
        ("{article}colour = 'red'\n", "own.toml, article 1: unknown colour"),
        ("{article}{article}", "own.toml, article 2: x comes twice"),
        ("{untitled}title = {{ zh = '只有中文' }}\n", "title needs zh and en"),
    ],
)
def test_the_command_refuses_a_wrong_file_wholly_and_says_where(tmp_path, text, said):
    untitled = (
        "[[article]]\ncode = 'x'\nsource = 's'\ncertainty = 'O'\nfrom_date = 2014-11-01\n"
        "answer = { zh = '答', en = 'a' }\nbody = { zh = '', en = '' }\n"
    )
    article = untitled + "title = { zh = '题', en = 't' }\n"
    (tmp_path / "fine.toml").write_text(article.replace("'x'", "'fine'"), encoding="utf-8")
    (tmp_path / "own.toml").write_text(
        text.format(article=article, untitled=untitled) if "{" in text else text, encoding="utf-8"
    )

    with pytest.raises(CommandError, match=said):
        call_command("publish_articles", str(tmp_path))
    assert not ArticleVersion.objects.exists()


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("article_version_number_once", {}),
        ("article_version_says_something", {"number": 2, "answer_en": ""}),
        ("article_version_has_source", {"number": 2, "source": ""}),
        ("article_version_ends_after_it_begins", {"number": 2, "until_date": date(2000, 1, 1)}),
        ("article_version_certainty_known", {"number": 2, "certainty": "?"}),
    ],
)
def test_the_database_holds_what_must_hold(shelf, constraint, change):
    row = ArticleVersion.objects.get(article__code="refund")
    row.pk = None
    for name, value in change.items():
        setattr(row, name, value)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_at_once_one_is_told():
    writer = viewer()
    publish(DRAFTS[0], by=writer)
    told, ready = [], threading.Barrier(2)

    def write(key):
        ready.wait()
        try:
            told.append(publish(replace(DRAFTS[0], from_date=TODAY), by=writer, after=1, key=key))
        except errors.SomebodyElseWrote:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(key,)) for key in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, told)) == ["2", "refused"]
