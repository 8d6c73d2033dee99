"""Examples like what a caller says, in the characters that the agent reads."""

import opencc
import pytest
from django.urls import reverse

from tests.web.console.calling import Hotline

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
WORDS = "家裡沒電但鄰居都有電"  # an example of ours, as it stands


@pytest.fixture(params=["zh-hans", "en"])
def alike(request):
    hotline = Hotline(language=request.param)
    sent = hotline.sent(type_code="", words=WORDS)
    page = hotline.agent.post(reverse("console:read"), sent).context["page"]
    return request.param, [one.text for one in page.proposal.alike]


def test_a_reader_of_simplified_characters_is_shown_examples_in_them(alike):
    language, shown = alike

    to_simple = opencc.OpenCC("t2s")
    assert len(shown) >= 3
    if language == "zh-hans":
        assert [to_simple.convert(text) for text in shown] == shown
    else:
        assert shown[0] == WORDS
