"""A generation. Each turn in its life is a method here."""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import models, transaction
from django.db.models.expressions import Combinable
from django.utils import timezone

from accounts.models import Quota, User
from generation.dispatch import Event, Happening, get_exchange
from generation.exceptions import GenerationCanceled
from generation.models.accepted import AcceptedRequest
from generation.models.deliveries import WebhookDelivery
from generation.models.images import GeneratedImage, Picture
from generation.models.leases import MOST_ATTEMPTS
from generation.models.queue import GenerationQuerySet
from generation.models.states import UNFINISHED, Status
from generation.work.counts import note_end


class Generation(AcceptedRequest):
    """One accepted request, and the turns of its life."""

    objects = GenerationQuerySet.as_manager()

    @property
    def drawn(self) -> models.QuerySet[GeneratedImage]:
        """Its pictures. None is looked for before there is one."""
        return GeneratedImage.objects.none() if self.status in UNFINISHED else self.images.all()

    def take_up(self, lease: UUID, until: datetime | Combinable) -> bool:
        """Begin another attempt under this lease; say whether it was still queued."""
        with transaction.atomic(savepoint=False):
            taken = self._move(
                [Status.QUEUED],
                status=Status.RUNNING,
                started_at=timezone.now(),
                lease=lease,
                leased_until=until,
                attempts=self.attempts + 1,
            )
            if taken:
                WebhookDelivery.objects.announce(self)
        return taken

    def hand_back(self) -> bool:
        """Queue it again as if it had not been taken up; say whether it was still held."""
        return self._queue_again(attempts=max(0, self.attempts - 1))

    def lose(self, reason: str) -> bool:
        """Its worker is gone, or its device: queue it again, or fail it after the last attempt."""
        if self.attempts < MOST_ATTEMPTS:
            return self._queue_again()
        return self.fail("generation_failed", reason)

    def succeed(self, drawn: Iterable[Picture]) -> bool:
        """Store the pictures, and keep the charge; say whether it was still held.

        If it was not, or if anything goes wrong, nothing that was stored here is left.
        """
        images: list[GeneratedImage] = []
        with ExitStack() as undo:
            for picture in drawn:
                images.append(picture.store(self))
                undo.callback(self.folder.remove, str(images[-1].file.name))
            with transaction.atomic():
                if not self._move(UNFINISHED, held=True, **_end(Status.SUCCEEDED)):
                    return False
                GeneratedImage.objects.bulk_create(images)
                Quota.objects.settle(self.user, self.reservation)
                self._tell_end(Happening.SUCCEEDED)
                WebhookDelivery.objects.announce(self)
            undo.pop_all()
        return True

    def fail(self, code: str, reason: str = "") -> bool:
        """Give the charge back and note why; say whether it was still held."""
        return self._give_up(Status.FAILED, code, reason, held=True)

    def cancel(self, actor: User | None = None, reason: str = "") -> bool:
        """Stop it, whoever holds it, and give the charge back; say whether it was still unfinished.

        The owner reads `reason` in the ledger.
        """
        return self._give_up(
            Status.CANCELED, GenerationCanceled.default_code, actor=actor, note=reason or "Canceled"
        )

    @transaction.atomic
    def refund(self, actor: User | None, reason: str) -> bool:
        """Give the charge of a success back, once; say whether it was now. The pictures stay."""
        refunded = self._move([Status.SUCCEEDED], refunded_at=timezone.now())
        if refunded:
            self._give_back(reason, actor)
        return refunded

    def _give_up(
        self,
        status: Status,
        code: str,
        reason: str = "",
        *,
        actor: User | None = None,
        note: str = "",
        held: bool = False,
    ) -> bool:
        """End it without pictures: its charge is given back, its drawing stopped, its files removed."""
        with transaction.atomic():
            ended = self._move(UNFINISHED, held=held, **_end(status), error_code=code, error_reason=reason)
            if ended:
                self._give_back(note or reason or code, actor)
                self._tell_end(Happening(status))
                WebhookDelivery.objects.announce(self)
                transaction.on_commit(self.folder.discard, robust=True)
        return ended

    def _queue_again(self, **changes: object) -> bool:
        with transaction.atomic():
            queued = self._move([Status.RUNNING], held=True, **_WAITING, **changes)
            if queued:
                self._tell(Happening.QUEUED)
                transaction.on_commit(get_exchange().ring, robust=True)
        return queued

    def _tell_end(self, happening: Happening) -> None:
        self._tell(happening)
        transaction.on_commit(partial(note_end, self), robust=True)

    def _tell(self, happening: Happening) -> None:
        event = Event(self.id, happening)
        transaction.on_commit(partial(get_exchange().tell, event), robust=True)

    def _give_back(self, reason: str, actor: User | None) -> None:
        """To the owner's quota, and to the cap of the token where it was counted."""
        given = Quota.objects.refund(self.user, self.reservation, reason, actor=actor)
        if given and self.counted and self.token is not None:
            self.token.unspend(self.reservation.cost)

    def _move(self, origins: Iterable[Status], *, held: bool = False, **changes: object) -> bool:
        """One conditional UPDATE: of two that change a generation's state, one wins.

        With `held`, only under the lease that this instance was read with: a worker that was thought lost, and is
        not, changes nothing.
        """
        rows = Generation.objects.filter(pk=self.pk, status__in=list(origins), refunded_at=None)
        if held:
            rows = rows.filter(lease=self.lease)
        moved = rows.update(**changes) == 1
        if moved:
            for name, value in changes.items():
                setattr(self, name, value)
        return moved


_WAITING: dict[str, object] = {
    "status": Status.QUEUED,
    "started_at": None,
    "lease": None,
    "leased_until": None,
}


def _end(status: Status) -> dict[str, object]:
    return {"status": status, "finished_at": timezone.now(), "lease": None, "leased_until": None}
