"""The pictures that were drawn."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db import models
from django.urls import reverse

from generation.pictures.storage import pictures

if TYPE_CHECKING:
    from generation.models.generations import Generation


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished picture as a file's content."""

    index: int
    seed: int
    content: bytes

    def store(self, generation: "Generation") -> "GeneratedImage":
        """Write the file; its row is for the caller to save. Files come first, so that no row points to nothing."""
        image = GeneratedImage(
            generation=generation, index=self.index, seed=self.seed, bytes=len(self.content)
        )
        image.file.save("", ContentFile(self.content), save=False)
        return image


def picture_path(image: "GeneratedImage", _name: str) -> str:
    generation = image.generation
    return generation.folder.picture_path(image.index, generation.lease)


class GeneratedImage(models.Model):
    """One picture of a generation, as a file."""

    generation = models.ForeignKey("generation.Generation", on_delete=models.CASCADE, related_name="images")
    index = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    bytes = models.PositiveBigIntegerField("size in bytes")
    file = models.FileField(storage=pictures, upload_to=picture_path, max_length=200)

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="image_index_in_generation")
        ]

    def __str__(self) -> str:
        return f"image {self.index} of {self.generation_id}"

    def get_absolute_url(self) -> str:
        return reverse("generation-image", args=[self.generation_id, self.index])
