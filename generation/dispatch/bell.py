"""The doorbell of many machines: a task of Celery's, sent by its name to whichever worker is free."""

from celery import Celery
from django.conf import settings

TASK = "generation.tasks.draw"


class Bell:
    """A client of the broker with short patience. Raises what `courier.UNREACHABLE` names."""

    def __init__(self) -> None:
        # Not the worker's own application, which would wait for its broker for as long as it takes.
        self._app = Celery("bell", set_as_current=False)
        self._app.config_from_object("django.conf:settings", namespace="CELERY")
        self._app.conf.broker_transport_options |= settings.BELL_TRANSPORT_OPTIONS
        self._queue: str = self._app.conf.task_default_queue

    def ring(self) -> None:
        """One ring takes one generation to a worker."""
        self._app.send_task(TASK, queue=self._queue, retry=False)

    def unheard(self) -> int:
        """How many rings no worker has heard yet."""
        with self._app.connection_for_write() as connection:
            # This channel is the one that is not tried for twice.
            queue = connection.default_channel.queue_declare(self._queue, durable=True, auto_delete=False)
            return int(queue.message_count)

    def close(self) -> None:
        self._app.close()
