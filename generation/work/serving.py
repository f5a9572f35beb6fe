"""The start and the end of a process that draws."""

import logging
from contextlib import suppress
from threading import Thread

from django.conf import settings
from django.db import Error as DatabaseGone
from django.db import connection

from accounts.connections import let_go
from generation.dispatch import get_exchange, reset_exchange
from generation.engine import Engine, EngineState, get_engine, reset_engine
from generation.models import Generation
from generation.webhooks.postman import Postman
from generation.work.keeper import look_after
from generation.work.sole import be_sole
from generation.work.worker import Worker

logger = logging.getLogger(__name__)

_worker: Worker | None = None
_postman: Postman | None = None
_winding: Thread | None = None


class NoModel(SystemExit):
    """Ends a worker that has no model, with a sentence for whoever started it."""


def start_up() -> None:
    """One machine: begin to load the model, go on with what an earlier process left, and wait for the bell."""
    if connection.vendor == "sqlite":
        be_sole(settings.DATA_DIR)
        if left := Generation.objects.take_back(at_once=True):
            logger.warning("took back %d generations that an earlier process left", left)
    get_exchange().hang_up(_begin(settings.WORKER_THREADS).ring)
    Thread(target=_go_on, args=[get_engine()], name="going-on", daemon=True).start()
    connection.close()


def start_worker() -> None:
    """Many machines: have the model, before anybody rings. Raises `NoModel` where it cannot be loaded."""
    worker = _begin(threads=0)
    engine = get_engine()
    if engine.wait_until_settled() is not EngineState.READY:
        raise NoModel(f"The model could not be loaded: {engine.failure}")
    worker.keeper.note()
    look_after()
    connection.close()


def _go_on(engine: Engine) -> None:
    """Draw what lies as soon as there is a model."""
    engine.wait_until_settled()
    with suppress(DatabaseGone):
        look_after()
    let_go()


def draw_next() -> None:
    """Draw the one whose turn it is, if this process draws and there is one. It lies on while the database is gone."""
    if _worker is None:
        return
    try:
        _worker.draw_next()
    except DatabaseGone as error:
        logger.warning("the database does not answer: %s", type(error).__name__)
    let_go()


def wind_up() -> None:
    """The end is near: take up nothing more. Returns at once, while what is being drawn is finished.

    May be called by a signal, which interrupts whoever may be holding a lock: so it is done in a thread of its own.
    """
    global _winding
    if _winding is None:
        _winding = Thread(target=_wind_up, name="winding-up")
        _winding.start()


def _wind_up() -> None:
    get_exchange().close()
    if _worker is not None:
        _worker.finish(settings.SHUTDOWN_GRACE)


def shut_down() -> None:
    """Once the grace of `wind_up` is over, put what is still being drawn back into the queue, and stop the engine."""
    global _worker, _postman, _winding
    winding, _winding = _winding, None
    if winding is not None:
        winding.join()
    worker, _worker = _worker, None
    postman, _postman = _postman, None
    if worker is not None:
        worker.finish(0)
    reset_engine()
    reset_exchange()
    if postman is not None:
        postman.stop()


def _begin(threads: int) -> Worker:
    global _worker, _postman
    get_engine()
    _worker = Worker(threads)
    _worker.start()
    _postman = Postman()
    _postman.start()
    return _worker
