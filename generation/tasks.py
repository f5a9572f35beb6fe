"""Celery's tasks. They carry nothing: what is to be drawn stands in the queue, which is in the database."""

from celery import shared_task

from generation.work import keeper, serving


@shared_task(name="generation.tasks.draw")
def draw() -> None:
    """Somebody rang: draw the one whose turn it is, and wait for it. The engine draws for all tasks of the process."""
    serving.draw_next()


@shared_task(name="generation.tasks.look_after")
def look_after() -> None:
    """What lies goes on, also where nobody heard its ring."""
    keeper.look_after()
