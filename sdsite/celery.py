"""Celery's application: `celery -A sdsite worker` draws, `celery -A sdsite beat` looks after what lies."""

import os
from pkgutil import resolve_name
from typing import Any

from celery import Celery, signals
from django.conf import settings

from sdsite import transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sdsite.settings")

transport.use()
app = Celery("sdsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.update(
    # The row is the truth: what a task says may be lost, late, or said twice.
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # Threads of one process share its engine. It takes no more tasks than it has threads.
    worker_pool="threads",
    worker_concurrency=settings.WORKER_THREADS,
    worker_prefetch_multiplier=1,
    worker_redirect_stdouts=False,
    # However long the broker is gone, they wait for it.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    beat_schedule_filename=str(settings.DATA_DIR / "beat-schedule"),
    beat_schedule={
        "look-after": {
            "task": "generation.tasks.look_after",
            "schedule": 5.0,
            "options": {"expires": 5},
        }
    },
)


@signals.setup_logging.connect
def _leave_logging(**_: Any) -> None:
    """The settings say how; Celery would do it anew."""


@signals.worker_init.connect
def _start(**_: Any) -> None:
    resolve_name("sdsite.reporting:start_reporting")()
    resolve_name("sdsite.tracing:start_tracing")()
    resolve_name("generation.work.serving:start_worker")()
    resolve_name("monitoring.pulse:start")("worker")


@signals.worker_shutting_down.connect
def _wind_up(**_: Any) -> None:
    resolve_name("generation.work.serving:wind_up")()


@signals.worker_shutdown.connect
def _shut_down(**_: Any) -> None:
    resolve_name("monitoring.pulse:stop")()
    resolve_name("generation.work.serving:shut_down")()
