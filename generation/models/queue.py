"""The rules of the queue: what is accepted, and whose it is."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from accounts import trail
from accounts.models import AuthToken, Quota, User
from generation.exceptions import QueueFull, TooManyUnfinished
from generation.models.files import INPUTS
from generation.models.idempotency import Claim, IdempotencyKey
from generation.models.retention import AgeingQuerySet
from generation.models.states import UNFINISHED, Status
from generation.models.webhooks import Hook, Webhook
from generation.params import GenerationParams, RequestType
from generation.work.counts import accepted

if TYPE_CHECKING:
    from generation.models.generations import Generation


# Names the lock that those hold who are being let in.
ADMISSION = 0x5D5D


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a generation came from: what is kept of the request beside its parameters."""

    request_id: str
    request_time: datetime | None = None
    webhook: Hook | None = None
    claim: Claim | None = None


class GenerationQuerySet(AgeingQuerySet):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def unfinished(self) -> Self:
        return self.filter(status__in=UNFINISHED)

    def submit(
        self,
        user: User,
        params: GenerationParams,
        *,
        model: str,
        cost: int,
        origin: Origin,
        token: AuthToken | None = None,
    ) -> "Generation":
        """Accept a request: keep its pictures, reserve its credits and queue it.

        Raises `QuotaExhausted`, `QueueFull`, `TooManyUnfinished`, `TokenCapReached`, `StorageFull` or `KeyTaken`, and
        then nothing of it is left.
        """
        generation = self.model(
            user=user,
            token=token,
            model=model,
            request_id=origin.request_id,
            request_time=origin.request_time,
            priority=user.terms.priority,
            **_columns(params),
        )
        with ExitStack() as undo:
            undo.callback(generation.folder.discard)
            generation.folder.keep(params)
            with transaction.atomic():
                # Of several at once with the same key, all but one wait here, and are turned away.
                IdempotencyKey.objects.keep(generation, origin.claim)
                # First the quota's row, then the token's, as in `fail`: else the two could lock each other out.
                generation.reservation = Quota.objects.reserve(user, cost, generation=generation.id)
                self._admit(user)
                if token is not None:
                    generation.counted = token.spend(cost)
                generation.save(force_insert=True)
                Webhook.objects.keep(generation, origin.webhook)
            undo.pop_all()
        trail.generation_id.set(str(generation.id))
        accepted.labels(generation.request_type).inc()
        return generation

    def _admit(self, user: User) -> None:
        """Raise the refusal where the queue, or the user's part of it, is full.

        The user's quota has been charged in this transaction and is locked until its end, and SQLite locks users
        against each other as well; PostgreSQL is told to, so that all are counted exactly, however many ask at once.
        """
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADMISSION])
        own = Q(user=user)
        drawn = Count("pk", filter=own & Q(status=Status.RUNNING))
        unfinished = self.unfinished().aggregate(all=Count("pk"), own=Count("pk", filter=own), drawn=drawn)
        if unfinished["all"] >= settings.QUEUE_LIMIT:
            pace = self.pace()
            raise QueueFull(pace.until_free() if pace else None)
        if unfinished["own"] >= user.terms.max_unfinished:
            pace = self.pace()
            wait = pace.until_free(unfinished["drawn"]) if pace else None
            raise TooManyUnfinished(user.terms.max_unfinished, wait)


def _columns(params: GenerationParams) -> dict[str, object]:
    """All parameters but the pictures, which are files."""
    names = set(GenerationParams.__dataclass_fields__) - set(INPUTS[RequestType.INPAINTING])
    return {name: getattr(params, name) for name in names} | {"request_type": params.request_type}
