"""Run by `manage.py shell`: gives people pictures that would take long to draw, lose or fail to draw for real."""

import uuid
from copy import copy
from datetime import timedelta

from django.utils import timezone

from accounts.models import Quota, User
from generation.models import GeneratedImage, Generation, Status

MANY = 130


def copied(original: Generation, user: User, minutes: int) -> tuple[Generation, GeneratedImage]:
    """The same generation as somebody's else, so many minutes ago; its file is shared."""
    generation, image = copy(original), copy(original.images.all()[0])
    generation.pk, generation.user, generation.token = uuid.uuid4(), user, None
    generation.created_at = generation.finished_at = timezone.now() - timedelta(minutes=minutes)
    image.pk, image.generation = None, generation
    return generation, image


def fill(email: str, many: str) -> None:
    """Give the first person what failed and what is gone beside what was drawn, and the second more than a page."""
    first = Generation.objects.filter(user__email=email).earliest("created_at")
    failed, _ = copied(first, first.user, 60)
    failed.status, failed.error_code, failed.prompt = Status.FAILED, "generation_failed", "a boat that failed"
    gone, image = copied(first, first.user, 61)
    gone.expired_at, gone.prompt = timezone.now(), "a boat that is gone"
    user = User.objects.get(email=many)
    Quota.objects.current(user)
    copies = [copied(first, user, 10 * number) for number in range(MANY)]
    Generation.objects.bulk_create([failed, gone, *(generation for generation, _ in copies)])
    GeneratedImage.objects.bulk_create([image, *(image for _, image in copies)])
