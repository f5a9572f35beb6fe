"""What goes with a generation that is deleted, alone or along with its owner: its work, its charge and its files."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from generation.models.generations import Generation
from generation.models.images import GeneratedImage


@receiver(pre_delete, sender=Generation)
def cancel_first(instance: Generation, **_: Any) -> None:
    """What is not done yet is canceled: nobody pays for what they will not see."""
    instance.cancel(reason="Deleted")
    # Those of a worker that was done after Django had looked for what is to be deleted along.
    GeneratedImage.objects.filter(generation=instance).delete()


@receiver(post_delete, sender=Generation)
def remove_files(instance: Generation, **_: Any) -> None:
    transaction.on_commit(instance.folder.discard, robust=True)
