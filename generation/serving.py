"""The start and the end of a process that draws."""

import logging
from threading import Thread

from django.conf import settings
from django.db import connection

from generation.dispatch import get_exchange, reset_exchange
from generation.engine import get_engine, reset_engine
from generation.models import Generation
from generation.sole import be_sole
from generation.webhooks.postman import Postman
from generation.worker import Worker

logger = logging.getLogger(__name__)

_worker: Worker | None = None
_postman: Postman | None = None


def start_up() -> None:
    """Begin to load the model, go on with what an earlier process left, and wait for the bell."""
    global _worker, _postman
    if connection.vendor == "sqlite":
        be_sole(settings.DATA_DIR)
        if left := Generation.objects.take_back(at_once=True):
            logger.warning("took back %d generations that an earlier process left", left)
    get_engine()
    _worker = Worker(settings.WORKER_THREADS)
    _worker.start()
    get_exchange().hang_up(_worker.ring)
    _postman = Postman()
    _postman.start()
    connection.close()


def wind_up() -> None:
    """The end is near: take up nothing more. Returns at once, while what is being drawn is finished."""
    get_exchange().close()
    if _worker is not None:
        Thread(target=_worker.finish, args=[settings.SHUTDOWN_GRACE], name="winding-up").start()


def shut_down() -> None:
    """Put what is still being drawn back into the queue, and stop the engine."""
    global _worker, _postman
    worker, _worker = _worker, None
    postman, _postman = _postman, None
    if worker is not None:
        worker.finish(0)
    reset_engine()
    reset_exchange()
    if postman is not None:
        postman.stop()
