"""The subscriptions as a person at a desk manages them: those of their own units' people."""

from collections.abc import Sequence
from datetime import datetime

from lamplighter.action.service.subscribers import (
    MessageLine,
    Subscribed,
    SubscriptionLine,
    SubscriptionUnknown,
    SubscriptionWrong,
)
from lamplighter.facts.network.tokens import queries as people
from lamplighter.gateway.webhooks import queries, services, signing
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer

PURPOSE = "webhooks"


class Desk:
    """Fills the port `Subscribers`."""

    def listed(self, *, viewer: Viewer) -> list[SubscriptionLine]:
        """Return the subscriptions of a viewer's people, the newest first. One query."""
        return queries.of_units(viewer=viewer)

    def troubled(self, *, viewer: Viewer, limit: int) -> list[MessageLine]:
        """Return the messages that failed and wait, or were given up, newest first. One query."""
        return queries.troubled(viewer=viewer, limit=limit)

    def subscribe(
        self,
        *,
        viewer: Viewer,
        staff_number: str,
        url: str,
        names: Sequence[str],
        seed: str,
        now: datetime,
        field_key: bytes,
    ) -> Subscribed:
        """Tell an address from now on; the same seed twice is one subscription.

        Raises
        ------
        SubscriptionWrong
            Not a person of the viewer's units, or as `services.subscribe`.
        """
        if staff_number not in {one.number for one in people.may_act_as(viewer=viewer)}:
            raise SubscriptionWrong(f"nobody of your units has the number {staff_number[:20]}")
        return services.subscribe(
            staff_number=staff_number,
            url=url,
            names=names,
            actor=viewer.actor,
            now=now,
            field_key=field_key,
            secret=signing.secret_of(sealing.blind_index(seed, field_key, PURPOSE)),
        )

    def end(self, *, viewer: Viewer, subscription_id: int, now: datetime) -> None:
        """Tell an address nothing more.

        Raises
        ------
        SubscriptionUnknown
            There is none among the viewer's, or it has ended.
        """
        self._check_seen(viewer, subscription_id)
        services.end(subscription_id=subscription_id, actor=viewer.actor, now=now)

    def replay(self, *, viewer: Viewer, subscription_id: int, after_id: int, now: datetime) -> None:
        """Tell an address again all that happened behind a row of the ledger.

        Raises
        ------
        SubscriptionUnknown
            There is none among the viewer's, or it has ended.
        """
        self._check_seen(viewer, subscription_id)
        services.replay(
            subscription_id=subscription_id, after_id=after_id, actor=viewer.actor, now=now
        )

    def _check_seen(self, viewer: Viewer, subscription_id: int) -> None:
        seen = {one.subscription_id for one in queries.of_units(viewer=viewer)}
        if subscription_id not in seen:
            raise SubscriptionUnknown(str(subscription_id))
