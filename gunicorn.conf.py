"""How gunicorn serves: one process, because the engine lives in it, and threads that wait for pictures."""

from pkgutil import resolve_name
from typing import Any

from sdsite import settings
from sdsite.welcome import welcome

wsgi_app = "sdsite.wsgi:application"
bind = f"{settings.HOST}:{settings.PORT}"
worker_class = "gthread"
workers = 1
threads = settings.THREADS

# Nothing is loaded before the fork, which neither threads nor CUDA survive, and no count ends the engine.
preload_app = False
max_requests = 0

# A stop waits for the longest picture that may be in the works.
timeout = settings.GENERATION_TIMEOUT + 30
graceful_timeout = settings.GENERATION_TIMEOUT + 30

# Only DATA_DIR is written to, so there is no socket to control gunicorn by.
control_socket_disable = True

limit_request_line = 8190

# Django writes the line of a request: with its id, without query string and token.
accesslog = None


def when_ready(server: Any) -> None:
    print(welcome(settings.HOST, settings.PORT), flush=True)  # noqa: T201


def post_worker_init(worker: Any) -> None:
    """Start the engine, in the process that serves."""
    resolve_name("generation.serving:start_up")()


def worker_exit(server: Any, worker: Any) -> None:
    resolve_name("generation.serving:shut_down")()
