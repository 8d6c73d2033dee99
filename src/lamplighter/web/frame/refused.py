"""Why something that was asked of an order was refused, in words."""

from django.utils.translation import gettext_lazy as later

from lamplighter.action.service import errors
from lamplighter.policy.processes import catalogue
from lamplighter.web.frame.service_words import Text

REFUSALS: dict[type[Exception], Text] = {
    errors.OrderIsClosed: later("Somebody has ended this order in the meantime."),
    errors.OrderIsOpen: later("It is not finished yet, so there is nothing to confirm."),
    errors.StepUnknown: later("This order has no such step any more; its type was changed."),
    errors.StepNotOpen: later("This step is done already, or others come before it."),
    errors.NothingToReturnTo: later("Nothing that was done leads here, so nothing can go back."),
    errors.AnswerUnknown: later("Please choose how the step ended."),
    errors.ReasonMissing: later("Please say why, in a few words."),
    errors.WaitNotAllowed: later("At this step the clock may not be paused for that."),
    errors.AlreadyWaiting: later("The order waits already."),
    errors.NotWaiting: later("The order does not wait; its clock runs already."),
    errors.MomentGoesBack: later("Something later is on record already. Please look again."),
    errors.PriorityUnknown: later("There is no such priority."),
    errors.CaseMissing: later("The promise of that type differs by something not known here."),
    errors.StaffUnknown: later("Please choose a colleague who may still sign in."),
    errors.KeyReused: later("This form was sent before, with something else. Please look again."),
    errors.IncidentUnknown: later("There is no such open order or incident where you may look."),
    errors.FailureUnknown: later("Please give a level, and losses from 0 to 3."),
    errors.ChangedMeanwhile: later("Somebody changed this in the meantime. Please look again."),
    catalogue.ProcessUnknown: later("There is no such type."),
}  # fmt: skip
