"""Articles of the knowledge base; a version is never edited."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from lamplighter.facts.intake.versions import one_of
from lamplighter.policy.loader import CERTAINTIES

TITLE_AT_MOST = 80
ANSWER_AT_MOST = 400
BODY_AT_MOST = 8000
SOURCE_AT_MOST = 300


class Article(models.Model):
    """A question that customers ask, under a code that stays."""

    code = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return self.code


class ArticleVersion(models.Model):
    """What is answered from a day on; a withdrawal is a version too."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()  # 1, 2, … as they were recorded for these units
    org_path = models.CharField(max_length=200)  # whom it is for: units below this path; "": all
    from_date = models.DateField()
    until_date = models.DateField(null=True)  # last day; None: until another takes its place
    is_withdrawn = models.BooleanField()  # from that day on nothing is answered
    title_zh = models.CharField(max_length=TITLE_AT_MOST)
    title_en = models.CharField(max_length=TITLE_AT_MOST)
    answer_zh = models.CharField(max_length=ANSWER_AT_MOST)  # what may be read out or sent
    answer_en = models.CharField(max_length=ANSWER_AT_MOST)
    body_zh = models.TextField()  # what the agent should know besides
    body_en = models.TextField()
    source = models.CharField(max_length=SOURCE_AT_MOST)
    certainty = models.CharField(max_length=1)
    words = ArrayField(models.CharField(max_length=40))  # what it is found by
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60)  # as the ledger names people
    request_key = models.CharField(max_length=40)  # the form's; empty where none was sent

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="article_version_number_once", fields=["article", "org_path", "number"]
            ),
            models.UniqueConstraint(
                name="article_version_one_per_request",
                fields=["request_key"],
                condition=~Q(request_key=""),
            ),
            models.CheckConstraint(
                name="article_version_says_something",
                condition=Q(is_withdrawn=True)
                | ~(Q(title_zh="") | Q(title_en="") | Q(answer_zh="") | Q(answer_en="")),
            ),
            models.CheckConstraint(name="article_version_has_source", condition=~Q(source="")),
            models.CheckConstraint(
                name="article_version_ends_after_it_begins",
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
            ),
            one_of(name="article_version_certainty_known", field="certainty", choices=CERTAINTIES),
        ]
        indexes = [GinIndex(name="article_version_words", fields=["words"])]

    def __str__(self) -> str:
        return f"{self.article_id} version {self.number}"
