"""Generations, their pictures, and the rules of the queue."""

from generation.models import removal
from generation.models.files import INPUTS, Folder
from generation.models.generations import Generation
from generation.models.images import GeneratedImage, Picture, picture_path
from generation.models.queue import GenerationQuerySet, Origin
from generation.models.states import UNFINISHED, Status

__all__ = [
    "INPUTS",
    "UNFINISHED",
    "Folder",
    "GeneratedImage",
    "Generation",
    "GenerationQuerySet",
    "Origin",
    "Picture",
    "Status",
    "picture_path",
    "removal",
]
