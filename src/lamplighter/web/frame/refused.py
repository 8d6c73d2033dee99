"""Why something that was asked of an order was refused, in words."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from lamplighter.action.service import errors
from lamplighter.action.service.attachments import files
from lamplighter.action.service.attachments import services as attachments
from lamplighter.action.service.records.errors import FileUnknown, NothingToChase, TermRefused
from lamplighter.policy.processes import catalogue, codes, terms, wording
from lamplighter.policy.processes.filling import FieldUnknown, FieldWrong
from lamplighter.policy.processes.terms import Broken
from lamplighter.web.frame import service_words
from lamplighter.web.frame.service_words import Text

REFUSALS: dict[type[Exception], Text] = {
    errors.OrderIsClosed: later("Somebody has ended this order in the meantime."),
    errors.OrderIsOpen: later("It is not finished yet, so there is nothing to confirm."),
    errors.StepUnknown: later("This order has no such step any more; its type was changed."),
    errors.StepNotOpen: later("This step is done already, or others come before it."),
    errors.NothingToReturnTo: later("Nothing that was done leads here, so nothing can go back."),
    errors.AnswerUnknown: later("Please choose how the step ended."),
    errors.ReasonMissing: later("Please say why, in a few words."),
    errors.ReasonTooLong: later("Too long to keep; nothing was saved. Please shorten it."),
    errors.WaitNotAllowed: later("At this step the clock may not be paused for that."),
    errors.AlreadyWaiting: later("The order waits already."),
    errors.NotWaiting: later("The order does not wait; its clock runs already."),
    errors.MomentGoesBack: later("Something later is on record already. Please look again."),
    errors.PriorityUnknown: later("There is no such priority."),
    errors.CaseMissing: later("The promise of that type depends on something not known here."),
    errors.StaffUnknown: later("Please choose a colleague who may still sign in."),
    errors.SamePerson: later("Somebody who had no part in this order has to do this step."),
    errors.KeyReused: later("This form was sent before, with something else. Please look again."),
    errors.IncidentUnknown: later("There is no such open order or incident where you may look."),
    errors.EndsWithItsOutage: later("This fault began with an outage: end it there."),
    errors.FailureUnknown: later("Please give a level, and losses from 0 to 3."),
    errors.ChangedMeanwhile: later("Somebody changed this in the meantime. Please look again."),
    catalogue.ProcessUnknown: later("There is no such type."),
    FieldUnknown: later("The form of this step has changed. Please look again."),
    FieldWrong: later("Please look at the form again: something in it is missing or wrong."),
    FileUnknown: later("The order has no such file. Please choose it again."),
    NothingToChase: later("There is no open order of this number where you may look."),
    TermRefused: later("The days break a rule of the business."),
    terms.TermImpossible: later("The days end before they begin."),
    attachments.TooManyFiles: later("The order has as many files as it may have."),
    attachments.FileNameWrong: later("Please give the file a short name without special signs."),
    files.FileTooLarge: later("The file is too large. Please make it smaller or take it again."),
    files.FileKindRefused: later("Please choose a PDF, or a picture as PNG or JPEG."),
}  # fmt: skip
WRONG: dict[str, Text] = {
    "NUMBER": later("%(field)s: please write a number, e.g. 12.5."),
    "READING": later("%(field)s: please write a reading, e.g. 1234.5."),
    "DATE": later("%(field)s: please choose a day."),
    "MOMENT": later("%(field)s: please choose day and time."),
    "PHONE": later("%(field)s: this number reaches nobody."),
    "CHOICE": later("%(field)s: please choose one of the list."),
    "FLAG": later("%(field)s: please choose yes or no."),
    "FILE": later("%(field)s: please choose a file."),
    "PHOTO": later("%(field)s: please add a picture."),
    "TEXT": later("%(field)s: this is too long; please be short."),
}


def why(error: Exception) -> str:
    """Say why something was refused, with the field or the rule that it is about.

    Raises
    ------
    KeyError
        It is none of the refusals.
    """
    if isinstance(error, TermRefused):
        return _term(error.broken)
    if isinstance(error, FieldWrong):
        said = _("%(field)s: please fill this in.") if error.is_missing else WRONG[error.field.kind]
        return said % {"field": service_words.own(error.field.title)}
    if isinstance(error, errors.ReasonTooLong):
        return _(
            "%(n)d characters are more than can be kept (%(most)d); nothing was saved. "
            "Please shorten it."
        ) % {"n": error.n, "most": error.at_most}
    return str(REFUSALS[type(error)])


def _term(broken: Broken) -> str:
    unit = service_words.own(codes.RULE_UNITS[broken.unit])
    return _("%(rule)s: %(limit)s. Here it would be %(found)s.") % {
        "rule": service_words.own(broken.rule.about),
        "limit": wording.rule(broken.rule, language=get_language() or ""),
        "found": f"{broken.found} {unit}",
    }
