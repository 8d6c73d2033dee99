"""The door: signing in, the second step, signing out, and one's own security."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice

from lamplighter.web.desk import viewer_of
from lamplighter.web.door import services
from lamplighter.web.door.forms import CodeForm, SignInForm

HALF_WAY = "door_half_way"
HALF_WAY_LASTS = timedelta(minutes=5)
BACKEND = "lamplighter.web.door.backend.StaffBackend"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPage:
    """A form at the door and where it leads."""

    form: SignInForm | CodeForm
    next_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityPage:
    """One's own second step: switched on, or being set up."""

    is_on: bool
    form: CodeForm
    qr_svg: str
    secret: str


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; five wrong tries lock the name for a quarter of an hour."""
    if request.user.is_authenticated:
        return redirect("today:day")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if isinstance(user, User):
            return _after_password(request, user=user)
        if getattr(request, "axes_locked_out", False):
            return render(request, "door/locked.html", status=429)
        form.add_error(None, _("Staff number or password is not right."))
    status = 422 if form.errors else 200
    page = DoorPage(form=form, next_url=request.GET.get("next", ""))
    return render(request, "door/sign_in.html", {"page": page}, status=status)


def _after_password(request: HttpRequest, *, user: User) -> HttpResponse:
    if _device_of(user.pk) is None:
        login(request, user, backend=BACKEND)
        return _onward(request)
    until = timezone.now() + HALF_WAY_LASTS
    request.session[HALF_WAY] = {"user": user.pk, "until": until.isoformat()}
    return redirect(reverse("door:second-step", query={"next": request.GET.get("next", "")}))


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the one-time code of a person whose password was right."""
    half_way = request.session.get(HALF_WAY)
    if not half_way or timezone.now() > datetime.fromisoformat(half_way["until"]):
        return redirect("door:sign-in")
    user = User.objects.filter(pk=half_way["user"], is_active=True).order_by("pk").first()
    device = _device_of(half_way["user"])
    if device is None or user is None:
        return redirect("door:sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if device.verify_token(form.cleaned_data["code"]):
            del request.session[HALF_WAY]
            login(request, user, backend=BACKEND)
            otp_login(request, device)
            return _onward(request)
        form.add_error(
            "code", _("This code is not right, or has been used. Wait for the next one.")
        )
    status = 422 if form.errors else 200
    page = DoorPage(form=form, next_url=request.GET.get("next", ""))
    return render(request, "door/second_step.html", {"page": page}, status=status)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("door:sign-in")


@never_cache
@require_http_methods(["GET", "POST"])
def security(request: HttpRequest) -> HttpResponse:
    """Let a person switch their second step on."""
    viewer = viewer_of(request)
    device = _device_of(request.user.pk)
    form = CodeForm(request.POST or None)
    if device is not None:
        page = SecurityPage(is_on=True, form=CodeForm(), qr_svg="", secret="")
        return render(request, "door/security.html", {"page": page})
    pending = services.begin(user_id=int(request.user.pk or 0))
    if request.method == "POST" and form.is_valid():
        if pending.verify_token(form.cleaned_data["code"]):
            services.switch_on(device=pending, viewer=viewer, now=timezone.now())
            otp_login(request, pending)
            messages.success(request, _("From now on you sign in with a one-time code as well."))
            return redirect("door:security")
        form.add_error(
            "code", _("This code is not right, or has been used. Wait for the next one.")
        )
    page = SecurityPage(
        is_on=False,
        form=form,
        qr_svg=segno.make(pending.config_url).svg_inline(scale=5, border=2),
        secret=_readable(pending),
    )
    status = 422 if form.errors else 200
    return render(request, "door/security.html", {"page": page}, status=status)


@require_POST
def security_off(request: HttpRequest) -> HttpResponse:
    """Switch one's own second step off; it takes a valid code."""
    viewer = viewer_of(request)
    device = _device_of(request.user.pk)
    form = CodeForm(request.POST)
    if device is None or not form.is_valid() or not device.verify_token(form.cleaned_data["code"]):
        messages.error(request, _("This code is not right: the second step stays on."))
        return redirect("door:security")
    services.switch_off(user_id=int(request.user.pk or 0), viewer=viewer, now=timezone.now())
    messages.success(request, _("The second step is off."))
    return redirect("door:security")


def _device_of(user_id: int | None) -> TOTPDevice | None:
    devices = TOTPDevice.objects.filter(user_id=user_id, confirmed=True)
    device: TOTPDevice | None = devices.order_by("pk").first()
    return device


def _readable(device: TOTPDevice) -> str:
    query = str(device.config_url).split("secret=", 1)[1].split("&", 1)[0]
    return " ".join(query[i : i + 4] for i in range(0, len(query), 4))


def _onward(request: HttpRequest) -> HttpResponseRedirect:
    wanted = request.GET.get("next", "")
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure()):
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect("/")
