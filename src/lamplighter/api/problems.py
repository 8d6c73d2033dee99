"""Errors as programs are told them: problem details (RFC 9457), in Chinese or English."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from lamplighter.action.outages import errors as outages
from lamplighter.action.service import errors as orders
from lamplighter.action.service.attachments import files
from lamplighter.action.service.attachments import services as attachments
from lamplighter.action.service.attachments.queries import AttachmentUnknown
from lamplighter.action.service.escalations import errors as escalations
from lamplighter.action.service.knowledge import errors as knowledge
from lamplighter.action.service.progress import errors as voices
from lamplighter.action.service.records.errors import FileUnknown, NothingToChase, TermRefused
from lamplighter.api.paging import CursorWrong
from lamplighter.facts.customers import phones
from lamplighter.facts.network.tokens import services as tokens
from lamplighter.ledger.answers import services as answers
from lamplighter.policy.loader import Words
from lamplighter.policy.processes import catalogue
from lamplighter.policy.processes.filling import FieldUnknown, FieldWrong
from lamplighter.policy.processes.terms import TermImpossible

MEDIA_TYPE = "application/problem+json"
URN = "urn:lamplighter:problem:"
SHAPE = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "Stays; what a program may decide by."},
        "title": {"type": "string", "description": "For people, in the language asked for."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Codes and numbers."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["place", "message"],
                "properties": {"place": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
DESCRIBED = {
    "description": "Problem details (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
GENERAL = {
    400: ("unreadable", Words(zh="请求无法解析", en="The request cannot be read")),
    401: ("no-token", Words(zh="缺少有效的访问令牌", en="A good token is missing")),
    403: ("not-allowed", Words(zh="没有此项权限", en="You may not do this")),
    404: (
        "unknown",
        Words(zh="不存在, 或不在您的权限范围内", en="There is none where you may look"),
    ),
    405: ("method", Words(zh="该地址不支持此方法", en="This address does not take this method")),
    409: ("conflict", Words(zh="与当前状态冲突", en="It does not fit how things stand")),
    413: ("too-large", Words(zh="请求正文过大", en="The body is too large")),
    415: ("media-type", Words(zh="不支持的内容类型", en="This kind of content is not taken")),
    422: ("invalid", Words(zh="内容不符合要求", en="The content is not valid")),
    429: ("too-many", Words(zh="请求过于频繁", en="Too many requests")),
    500: ("our-fault", Words(zh="系统内部错误", en="The fault is ours")),
}
# Each error of ours: status, code, title; whether its text (codes and numbers only) is told.
OURS: tuple[tuple[type[Exception], int, str, Words, bool], ...] = (
    (orders.OrderUnknown, 404, "order-unknown",
     Words(zh="没有此工单, 或不在您的权限范围内", en="No such order where you may look"), True),
    (orders.StepUnknown, 404, "step-unknown",
     Words(zh="工单没有此环节", en="The order has no such step"), True),
    (orders.PromiseUnknown, 404, "promise-unknown",
     Words(zh="工单没有此项承诺, 或承诺已结束", en="No such promise, or it has ended"), True),
    (orders.IncidentUnknown, 404, "incident-unknown",
     Words(zh="没有此事件, 或事件已结束", en="No such incident, or it is over"), True),
    (orders.EndsWithItsOutage, 409, "ends-with-its-outage",
     Words(zh="此事件随停电登记, 请结束停电", en="It began with an outage: end that one"), True),
    (orders.PlaceUnknown, 404, "place-unknown",
     Words(zh="没有此户号、台区或单位", en="No such account, area or unit"), True),
    (orders.StaffUnknown, 404, "staff-unknown",
     Words(zh="没有此人员", en="No such person on the staff"), True),
    (catalogue.ProcessUnknown, 404, "process-unknown",
     Words(zh="没有此业务类型", en="No such type of business"), True),
    (knowledge.ArticleUnknown, 404, "article-unknown",
     Words(zh="没有此知识条目", en="No such article"), True),
    (knowledge.ArticleWrong, 422, "article-wrong",
     Words(zh="知识条目内容不完整或相互矛盾",
           en="A part of the article is missing or does not fit"), True),
    (knowledge.SomebodyElseWrote, 409, "changed-meanwhile",
     Words(zh="其间已有他人发布新版本", en="Another version was published meanwhile"), True),
    (voices.VoiceUnknown, 404, "voice-unknown",
     Words(zh="该工单没有此条客户评价或异议", en="The order's customer said no such thing"), True),
    (voices.RepliedAlready, 409, "replied-already",
     Words(zh="已有人答复客户", en="Somebody has answered the customer already"), True),
    (escalations.EscalationUnknown, 404, "escalation-unknown",
     Words(zh="工单没有升级到这一级", en="The order was never escalated to this level"), True),
    (escalations.TakenAlready, 409, "taken-already",
     Words(zh="已有人接手", en="Somebody has taken it in hand already"), True),
    (escalations.NotTaken, 409, "not-taken",
     Words(zh="尚未有人接手", en="Nobody has taken it in hand yet"), True),
    (escalations.SettledAlready, 409, "settled-already",
     Words(zh="此项督办已办结", en="It was taken care of already"), True),
    (orders.NotAllowed, 403, "not-allowed", GENERAL[403][1], True),
    (knowledge.NotAllowed, 403, "not-allowed", GENERAL[403][1], True),
    (orders.OrderIsClosed, 409, "order-is-closed",
     Words(zh="工单已办结或撤销", en="The order is closed or cancelled"), True),
    (orders.OrderIsOpen, 409, "order-is-open",
     Words(zh="工单尚未办完", en="The order is not finished yet"), True),
    (orders.StepNotOpen, 409, "step-not-open",
     Words(zh="环节尚未开始或已完成", en="The step is not open, or done already"), True),
    (orders.NothingToReturnTo, 409, "nothing-to-return-to",
     Words(zh="没有可退回的环节", en="There is nothing to give it back to"), True),
    (orders.AlreadyWaiting, 409, "already-waiting",
     Words(zh="工单已在等待客户", en="The order waits already"), True),
    (orders.NotWaiting, 409, "not-waiting",
     Words(zh="工单不在等待中", en="The order does not wait"), True),
    (orders.MomentGoesBack, 409, "moment-goes-back",
     Words(zh="已有更晚的记录", en="Something later is recorded already"), True),
    (orders.ChangedMeanwhile, 409, "changed-meanwhile",
     Words(zh="内容已被他人更改", en="Somebody else changed it meanwhile"), False),
    (orders.AnswerUnknown, 422, "answer-unknown",
     Words(zh="环节没有此项结论", en="The step does not end by this answer"), True),
    (orders.ReasonMissing, 422, "reason-missing",
     Words(zh="请说明原因", en="A reason is needed"), True),
    (orders.ReasonTooLong, 422, "reason-too-long",
     Words(zh="文字过长, 未作任何保存", en="The text is too long; nothing was kept"), True),
    (orders.WaitNotAllowed, 422, "wait-not-allowed",
     Words(zh="此环节不允许以此原因等待", en="It may not wait for this here"), True),
    (orders.ChannelUnknown, 422, "channel-unknown",
     Words(zh="没有此渠道", en="No such channel"), True),
    (orders.PriorityUnknown, 422, "priority-unknown",
     Words(zh="没有此优先级", en="No such priority"), True),
    (orders.CaseMissing, 422, "case-missing",
     Words(zh="缺少确定承诺时限所需的信息", en="What a promise depends on is not said"), True),
    (orders.PromiseImpossible, 422, "promise-impossible",
     Words(zh="承诺时限不成立", en="Such a promise cannot be"), True),
    (orders.FailureUnknown, 422, "failure-unknown",
     Words(zh="没有此服务过错级别或损失等级", en="No such failure, level or loss"), True),
    (phones.PhoneUnusable, 422, "phone-unusable",
     Words(zh="电话号码无法接通", en="The number reaches nobody"), False),
    (orders.KeyReused, 422, "key-reused",
     Words(zh="同一幂等键用于不同请求", en="The key came with another request"), False),
    (answers.KeyReused, 422, "key-reused",
     Words(zh="同一幂等键用于不同请求", en="The key came with another request"), False),
    (orders.SamePerson, 409, "same-person",
     Words(zh="此环节须由未经办该单的人员完成", en="Somebody else has to do it"), True),
    (FieldWrong, 422, "field-wrong",
     Words(zh="环节表单有漏填或填错的项", en="A field of the form is missing or wrong"), True),
    (FieldUnknown, 422, "field-unknown",
     Words(zh="环节表单没有此项", en="The form has no such field"), True),
    (FileUnknown, 422, "file-unknown",
     Words(zh="工单没有此附件", en="The order has no such file"), True),
    (NothingToChase, 422, "nothing-to-chase",
     Words(zh="没有此在办工单可催", en="No open order of this number to chase"), True),
    (TermRefused, 422, "term-refused",
     Words(zh="起止日期不符合业务规则", en="The days break a rule of the business"), True),
    (TermImpossible, 422, "term-impossible",
     Words(zh="截止日期早于起始日期", en="The days end before they begin"), True),
    (AttachmentUnknown, 404, "attachment-unknown",
     Words(zh="工单没有此附件", en="The order has no such file"), True),
    (attachments.TooManyFiles, 409, "too-many-files",
     Words(zh="工单附件已达上限", en="The order has as many files as may be"), True),
    (attachments.FileNameWrong, 422, "file-name",
     Words(zh="文件名不可用", en="The file's name cannot be kept"), False),
    (files.FileTooLarge, 413, "too-large",
     Words(zh="文件过大", en="The file is too large"), True),
    (files.FileKindRefused, 415, "file-kind",
     Words(zh="不接受此类文件", en="This kind of file is not taken"), True),
    (outages.OutageUnknown, 404, "outage-unknown",
     Words(zh="没有此停电, 或不在您的权限范围内", en="No such outage where you may look"), True),
    (outages.PlaceUnknown, 404, "place-unknown",
     Words(zh="没有此台区或线路, 或不在您的权限范围内", en="No such area or line"), True),
    (outages.NotAllowed, 403, "not-allowed", GENERAL[403][1], True),
    (outages.OutageIsOver, 409, "outage-is-over",
     Words(zh="停电已结束或已取消", en="The outage is over or called off"), True),
    (outages.KindUnknown, 422, "kind-unknown",
     Words(zh="没有此停电类别或原因", en="No such kind or cause of an outage"), True),
    (outages.TimesImpossible, 422, "times-impossible",
     Words(zh="停电起止时间不成立", en="Such times cannot be"), True),
    (outages.NoticeTooShort, 422, "notice-too-short",
     Words(zh="提前公告时间不足; 确需停电请写明例外原因",
           en="Announced too late; where it must be, say why (notice_exception)"), True),
    (outages.ReasonMissing, 422, "reason-missing",
     Words(zh="请说明原因", en="A reason is needed"), True),
    (outages.ReasonTooLong, 422, "reason-too-long",
     Words(zh="文字过长, 未作任何保存", en="The text is too long; nothing was kept"), True),
    (outages.KeyReused, 422, "key-reused",
     Words(zh="同一幂等键或来源编号用于不同停电", en="The key or number came with another outage"),
     False),
    (CursorWrong, 422, "cursor-wrong",
     Words(zh="翻页标记无效", en="The cursor is none of ours"), False),
)  # fmt: skip


def problem(
    request: HttpRequest,
    *,
    status: int,
    code: str = "",
    title: Words | None = None,
    detail: str = "",
    **more: Any,
) -> HttpResponse:
    """Return an error as problem details, in the language that the request asks for."""
    general = GENERAL.get(status, ("refused", Words(zh="请求未被接受", en="Not taken")))
    language = get_language_from_request(request)
    said = {
        "type": URN + (code or general[0]),
        "title": (title or general[1]).in_language(language),
        "status": status,
        **({"detail": detail} if detail else {}),
        **more,
    }
    response = HttpResponse(
        json.dumps(said, ensure_ascii=False),
        status=status,
        content_type=f"{MEDIA_TYPE}; charset=utf-8",
    )
    response["Content-Language"] = "zh" if language.startswith("zh") else "en"
    response["Cache-Control"] = "no-store"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def add_handlers(api: NinjaAPI) -> None:
    """Let an interface tell each error that programs can do something about."""
    for error, status, code, title, is_told in OURS:
        _add(api, error=error, status=status, code=code, title=title, is_told=is_told)

    def too_many(request: HttpRequest, error: tokens.TooManyRequests) -> HttpResponse:
        response = problem(request, status=429)
        response["Retry-After"] = str(error.wait_seconds)
        return response

    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return problem(request, status=422, errors=list(_told(error.errors)))

    def general(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(request, status=error.status_code)

    api.exception_handler(tokens.TooManyRequests)(too_many)
    api.exception_handler(ValidationError)(invalid)
    api.exception_handler(HttpError)(general)
    api.exception_handler(AuthenticationError)(general)


def _add(
    api: NinjaAPI, *, error: type[Exception], status: int, code: str, title: Words, is_told: bool
) -> None:
    def tell(request: HttpRequest, found: Exception) -> HttpResponse:
        detail = str(found) if is_told else ""
        return problem(request, status=status, code=code, title=title, detail=detail)

    api.exception_handler(error)(tell)


def _told(errors: Iterable[dict[str, Any]]) -> Iterable[dict[str, str]]:
    """Return where a request is wrong and how; what was sent is not said again."""
    for error in errors:
        place = [str(part) for part in error.get("loc", ()) if part != "body"]
        yield {"place": "/".join(place), "message": str(error.get("msg", ""))}
