"""The thread that delivers. Every serving process may have one: a row is claimed before it is sent."""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Thread
from uuid import UUID

from django.db import DatabaseError, connection

from accounts.connections import let_go
from accounts.trail import following
from generation.models import WebhookDelivery
from generation.webhooks.bell import bell
from generation.webhooks.sending import send

logger = logging.getLogger(__name__)

# How often it looks for what is due again, and for what other processes wrote.
POLL_SECONDS = 3.0
AT_ONCE = 32
# A receiver that takes its time holds up no more than these.
AT_ONCE_FOR_ONE = 4


class Postman:
    """Hands out what is due to threads that send it. `stop` waits for what is on its way."""

    def __init__(self, poll: float = POLL_SECONDS) -> None:
        self._poll = poll
        self._stopping = False
        self._lock = Lock()
        self._under_way: Counter[UUID] = Counter()
        self._thread = Thread(target=self._work, name="postman", daemon=True)
        self._senders = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sender")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        bell.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._senders.shutdown()

    def _work(self) -> None:
        while not self._stopping:
            bell.clear()
            try:
                self._hand_out()
            except DatabaseError as error:
                logger.warning("webhooks wait for the database: %s", error)
            except Exception:
                logger.exception("the postman stumbled")
            let_go()
            bell.wait(self._poll)
        connection.close()

    def _hand_out(self) -> None:
        while not self._stopping and self._has_room():
            delivery = WebhookDelivery.objects.claim(but=self._occupied())
            if delivery is None:
                return
            self._count(delivery.user_id, 1)
            self._senders.submit(self._send, delivery)

    def _send(self, delivery: WebhookDelivery) -> None:
        try:
            with following(**delivery.trail):
                self._try(delivery)
        finally:
            connection.close()
            self._count(delivery.user_id, -1)
            bell.set()

    def _try(self, delivery: WebhookDelivery) -> None:
        """What the database does not let be noted is tried anew when its lease has ended."""
        try:
            send(delivery)
        except DatabaseError as error:
            logger.warning("webhook delivery %s waits for the database: %s", delivery.id, error)
        except Exception:
            logger.exception("webhook delivery %s broke", delivery.id)
            delivery.note(error="internal_error")

    def _has_room(self) -> bool:
        with self._lock:
            return self._under_way.total() < AT_ONCE

    def _occupied(self) -> list[UUID]:
        """Users of whose as many are under way as may be."""
        with self._lock:
            return [user for user, count in self._under_way.items() if count >= AT_ONCE_FOR_ONE]

    def _count(self, user: UUID, change: int) -> None:
        with self._lock:
            self._under_way[user] += change
            if not self._under_way[user]:
                del self._under_way[user]
