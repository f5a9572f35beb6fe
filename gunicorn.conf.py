"""How gunicorn serves: threads that wait for pictures, in one process with the engine, or in several without."""

import signal
from logging import getLogger
from logging.config import dictConfig
from pkgutil import resolve_name
from typing import Any

from sdsite import settings
from sdsite.welcome import welcome

wsgi_app = "sdsite.wsgi:application"
bind = f"{settings.HOST}:{settings.PORT}"
worker_class = "gthread"
workers = settings.WEB_PROCESSES
threads = settings.THREADS
# As many again may be kept alive.
worker_connections = 2 * settings.THREADS

# Nothing is loaded before the fork, which neither threads nor CUDA survive, and no count ends the engine.
preload_app = False
max_requests = 0

timeout = settings.GENERATION_TIMEOUT + 30
# What is being drawn is given the grace; then what was not done is put back, and whoever waits for it told so.
graceful_timeout = settings.SHUTDOWN_GRACE + 10

# Only DATA_DIR is written to, so there is no socket to control gunicorn by.
control_socket_disable = True

limit_request_line = 8190

# Django writes the line of a request: with its id, without query string and token.
accesslog = None


def on_starting(server: Any) -> None:
    """What gunicorn itself has to say stands in the same log, in the same form."""
    dictConfig(settings.LOGGING)
    own = getLogger("gunicorn.error")
    own.handlers.clear()
    own.propagate = True


def when_ready(server: Any) -> None:
    print(welcome(settings.HOST, settings.PORT), flush=True)  # noqa: T201


def post_worker_init(worker: Any) -> None:
    """Start the engine, in the process that serves, unless others draw."""
    resolve_name("sdsite.reporting:start_reporting")()
    resolve_name("sdsite.tracing:start_tracing")()
    if not settings.MANY_MACHINES:
        resolve_name("generation.work.serving:start_up")()
    resolve_name("monitoring.pulse:start")("web" if settings.MANY_MACHINES else "server")
    _wind_up_first()


def worker_exit(server: Any, worker: Any) -> None:
    resolve_name("monitoring.pulse:stop")()
    resolve_name("generation.work.serving:shut_down")()


def _wind_up_first() -> None:
    """Before gunicorn waits for its threads, have those let go that wait for what will not be drawn any more."""
    stop = signal.getsignal(signal.SIGTERM)

    def wind_up_and_stop(number: int, frame: Any) -> None:
        resolve_name("generation.work.serving:wind_up")()
        stop(number, frame)  # type: ignore[operator, misc]

    signal.signal(signal.SIGTERM, wind_up_and_stop)
