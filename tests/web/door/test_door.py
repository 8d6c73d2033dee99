"""The door: who comes in, who waits outside, and what a stolen password is worth."""

from collections.abc import Iterator
from datetime import timedelta
from time import time
from urllib.parse import parse_qs, urlsplit

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from lamplighter.facts.network.models import Staff
from lamplighter.facts.network.services import give_login
from lamplighter.ledger.models import Event
from tests.factories import MORNING, make_staff, make_station

pytestmark = pytest.mark.django_db
PASSWORD = "the lamp at the corner"
SIGN_IN = "/sign-in/"
CODE = "/sign-in/code/"
SECURITY = "/security/"


@pytest.fixture
def staff() -> Staff:
    staff = make_staff(station=make_station())
    user = User.objects.create_user(staff.number, password=PASSWORD)
    give_login(staff_id=staff.pk, user_id=user.pk, actor="test", now=MORNING)
    return staff


def knock(client: Client, staff: Staff, password: str = PASSWORD, query: str = ""):
    return client.post(
        f"{SIGN_IN}{query}", {"username": staff.number, "password": password}, HTTP_HOST="localhost"
    )


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def code_of(device: TOTPDevice, *, steps: int = 0) -> str:
    """Return the code that an authenticator app shows, some half minutes from now."""
    return f"{totp(device.bin_key, step=device.step, t0=-steps * device.step):06d}"


def with_second_step(staff: Staff) -> TOTPDevice:
    user = User.objects.get(username=staff.number)
    return TOTPDevice.objects.create(user=user, name="authenticator", confirmed=True)


class TestPassword:
    def test_lets_in_and_leads_to_today(self, client: Client, staff: Staff):
        answer = knock(client, staff)

        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert is_in(client)

    def test_wrong_is_refused_without_saying_what_was_wrong(self, client: Client, staff: Staff):
        wrong = knock(client, staff, "guess")
        unknown = client.post(SIGN_IN, {"username": "P9999", "password": "guess"})

        assert wrong.status_code == unknown.status_code == 422
        assert "工号或密码不正确" in wrong.content.decode()
        assert "工号或密码不正确" in unknown.content.decode()
        assert not is_in(client)

    def test_of_somebody_who_left_is_refused(self, client: Client, staff: Staff):
        User.objects.update(is_active=False)

        assert knock(client, staff).status_code == 422
        assert not is_in(client)

    def test_leads_to_the_page_that_was_asked_for(self, client: Client, staff: Staff):
        answer = knock(client, staff, query="?next=/search/%3Fa%3D1%26b%3D2")

        assert answer["Location"] == "/search/?a=1&b=2"

    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
    )
    def test_leads_to_no_other_site(self, client: Client, staff: Staff, target: str):
        assert knock(client, staff, query=f"?next={target}")["Location"] == "/"

    def test_needs_the_forms_own_token(self, staff: Staff):
        assert knock(Client(enforce_csrf_checks=True), staff).status_code == 403


class TestLockOut:
    @pytest.fixture
    def locked(self, client: Client, staff: Staff) -> Client:
        answers = [knock(client, staff, "guess").status_code for _ in range(5)]
        assert answers == [422, 422, 422, 422, 429]
        return client

    def test_refuses_even_the_right_password_and_says_how_long(self, locked: Client, staff: Staff):
        answer = knock(locked, staff)

        assert answer.status_code == 429
        assert "15" in answer.content.decode()
        assert not is_in(locked)

    def test_ends_after_a_quarter_of_an_hour(self, locked: Client, staff: Staff):
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
        assert knock(locked, staff).status_code == 429

        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
        assert knock(locked, staff).status_code == 302

    def test_locks_nobody_else(self, locked: Client, staff: Staff):
        colleague = make_staff(station=staff.org_unit)
        User.objects.create_user(colleague.number, password=PASSWORD)

        assert knock(Client(), colleague).status_code == 302

    def test_counts_from_the_beginning_after_a_success(self, client: Client, staff: Staff):
        for _ in range(2):
            for _ in range(4):
                assert knock(client, staff, "guess").status_code == 422
            assert knock(client, staff).status_code == 302
            client.post("/sign-out/")


class TestSecondStep:
    def test_is_asked_for_and_keeps_the_way(self, client: Client, staff: Staff):
        device = with_second_step(staff)

        answer = knock(client, staff, query="?next=/search/%3Fa%3D1%26b%3D2")

        way = urlsplit(answer["Location"])
        assert way.path == CODE
        assert parse_qs(way.query) == {"next": ["/search/?a=1&b=2"]}
        assert not is_in(client)
        assert client.get(answer["Location"]).status_code == 200
        done = client.post(answer["Location"], {"code": code_of(device)})
        assert done["Location"] == "/search/?a=1&b=2"
        assert is_in(client)

    def test_refuses_a_wrong_code(self, client: Client, staff: Staff):
        device = with_second_step(staff)
        knock(client, staff)

        wrong = f"{(int(code_of(device)) + 1) % 1_000_000:06d}"

        assert client.post(CODE, {"code": wrong}).status_code == 422
        assert not is_in(client)

    def test_refuses_a_code_that_was_used(self, client: Client, staff: Staff):
        device = with_second_step(staff)
        code = code_of(device)
        knock(client, staff)
        assert client.post(CODE, {"code": code}).status_code == 302

        thief = Client()
        knock(thief, staff)

        assert thief.post(CODE, {"code": code}).status_code == 422
        assert not is_in(thief)

    def test_slows_guessing_down(self, client: Client, staff: Staff):
        device = with_second_step(staff)
        knock(client, staff)
        wrong = f"{(int(code_of(device)) + 1) % 1_000_000:06d}"
        client.post(CODE, {"code": wrong})

        assert client.post(CODE, {"code": code_of(device)}).status_code == 422
        device.refresh_from_db()
        assert device.throttling_failure_count >= 1

    def test_waits_five_minutes_and_no_longer(self, client: Client, staff: Staff):
        device = with_second_step(staff)
        knock(client, staff)
        session = client.session
        half_way = session["door_half_way"]
        half_way["until"] = (timezone.now() - timedelta(seconds=1)).isoformat()
        session["door_half_way"] = half_way
        session.save()

        answer = client.post(CODE, {"code": code_of(device)})

        assert answer["Location"] == SIGN_IN
        assert not is_in(client)

    def test_has_no_way_round(self, client: Client, staff: Staff):
        with_second_step(staff)
        assert client.get(CODE)["Location"] == SIGN_IN

        knock(client, staff)

        assert client.get(SECURITY).status_code == 302
        User.objects.update(is_active=False)
        assert client.get(CODE)["Location"] == SIGN_IN


class TestSwitching:
    @pytest.fixture
    def inside(self, client: Client, staff: Staff) -> Client:
        knock(client, staff)
        return client

    def test_on_takes_a_code_and_is_written_down(self, inside: Client, staff: Staff):
        page = inside.get(SECURITY)
        assert page.status_code == 200
        assert "<svg" in page.content.decode()
        device = TOTPDevice.objects.get()
        assert not device.confirmed

        answer = inside.post(SECURITY, {"code": code_of(device)})

        assert answer.status_code == 302
        assert TOTPDevice.objects.get().confirmed
        (event,) = Event.objects.filter(name="door.totp.on")
        assert event.actor == f"staff:{staff.number}"
        assert "/security/off/" in inside.get(SECURITY).content.decode()

    def test_on_refuses_a_wrong_code(self, inside: Client):
        inside.get(SECURITY)
        wrong = f"{(int(code_of(TOTPDevice.objects.get())) + 1) % 1_000_000:06d}"

        assert inside.post(SECURITY, {"code": wrong}).status_code == 422
        assert not TOTPDevice.objects.get().confirmed

    def test_off_takes_a_code_too(self, inside: Client, staff: Staff):
        device = with_second_step(staff)
        wrong = f"{(int(code_of(device)) + 1) % 1_000_000:06d}"
        inside.post("/security/off/", {"code": wrong})
        inside.post("/security/off/", {})
        assert TOTPDevice.objects.filter(confirmed=True).exists()
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)

        inside.post("/security/off/", {"code": code_of(device)})

        assert not TOTPDevice.objects.exists()
        assert Event.objects.filter(name="door.totp.off").count() == 1


def addresses(patterns: list, before: str = "") -> Iterator[str]:
    """Yield every address of the site, with something that fits for each part that varies."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, f"{before}{pattern.pattern}")
        elif isinstance(pattern, URLPattern):
            address = f"{before}{pattern.pattern}"
            for name, converter in pattern.pattern.converters.items():
                kind = type(converter).__name__
                fit = {"IntConverter": "1", "UUIDConverter": "0" * 8 + "-0000" * 3 + "-" + "0" * 12}
                part = address[address.index("<") : address.index(">") + 1]
                assert name in part
                address = address.replace(part, fit.get(kind, "2026-11-25"), 1)
            yield f"/{address}"


OPEN = {SIGN_IN, CODE, "/sign-out/", "/language/", "/report/"}  # anybody reports
EVERY = set(addresses(get_resolver().url_patterns)) - OPEN
PROGRAMS = sorted(a for a in EVERY if a.startswith("/api/"))  # they show a token instead
STAFF = ("/progress/give/", "/progress/end/")  # who gives a link and ends it signs in
LINKS = sorted(
    a for a in EVERY if a.startswith("/progress/") and not a.startswith(STAFF)
)  # the link itself is signed
CLOSED = sorted(EVERY - {*PROGRAMS, *LINKS})
OF_THE_API_ITSELF = {"/api/v1/", "/api/v1/openapi.json"}  # what it is; no customer stands there


@pytest.mark.parametrize("address", CLOSED)
def test_every_other_page_sends_a_stranger_to_the_door(client: Client, address: str):
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 302
        assert urlsplit(answer["Location"]).path == SIGN_IN


@pytest.mark.parametrize("address", sorted({*PROGRAMS} - OF_THE_API_ITSELF))
def test_a_program_without_a_token_learns_and_does_nothing(client: Client, address: str):
    for answer in (client.get(address), client.post(address, "{}", "application/json")):
        assert answer.status_code in {401, 404, 405}
        assert answer["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("address", LINKS)
def test_a_link_that_nobody_signed_opens_nothing(client: Client, address: str):
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code in {403, 404, 405}


def test_the_walk_met_the_pages():
    assert reverse("today:day") in CLOSED
    assert len(CLOSED) > 15


def test_a_user_who_is_nobody_of_the_staff_sees_no_page(client: Client):
    User.objects.create_user("ghost", password=PASSWORD)
    client.force_login(User.objects.get(), backend="lamplighter.web.door.backend.StaffBackend")

    assert client.get(SECURITY).status_code == 403
    assert client.get("/").status_code == 403


def test_the_door_forbids_foreign_scripts_frames_and_caches(client: Client):
    answer = client.get(SIGN_IN)

    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "script" not in policy or "unsafe" not in policy.split("script-src")[-1].split(";")[0]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


def test_speaks_chinese_first_and_english_when_asked(client: Client):
    assert "登录" in client.get(SIGN_IN).content.decode()

    answer = client.post("/language/", {"language": "en", "next": SIGN_IN})

    assert answer["Location"] == SIGN_IN
    page = client.get(SIGN_IN).content.decode()
    assert "Sign in" in page
    assert "登录" not in page
    elsewhere = client.post("/language/", {"language": "en", "next": "https://evil.example/"})
    assert "evil" not in elsewhere["Location"]


def test_signing_out_ends_the_session_and_takes_a_post(client: Client, staff: Staff):
    knock(client, staff)
    assert client.get("/sign-out/").status_code == 405

    client.post("/sign-out/")

    assert not is_in(client)


def test_codes_are_those_of_an_authenticator_app():
    key = b"12345678901234567890"  # RFC 6238, appendix B, of which an app shows the last six digits

    assert totp(key, t0=int(time()) - 59) == 287082
