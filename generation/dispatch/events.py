"""What is told of a generation: plain values, which may cross from process to process."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self
from uuid import UUID


class Happening(StrEnum):
    QUEUED = "queued"
    STARTED = "started"
    PROGRESS = "progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


ENDS = frozenset({Happening.SUCCEEDED, Happening.FAILED, Happening.CANCELED})


@dataclass(frozen=True, slots=True)
class Event:
    """`step` of `steps` are done; `preview` is a small WebP file in base64. Both belong to `progress` alone."""

    generation: UUID
    happening: Happening
    step: int = 0
    steps: int = 0
    preview: str = ""

    def record(self) -> dict[str, Any]:
        """As what JSON can say."""
        return asdict(self) | {"generation": str(self.generation)}

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> Self:
        """Raises `ValueError` or `KeyError` for what is none."""
        return cls(
            UUID(record["generation"]),
            Happening(record["happening"]),
            int(record["step"]),
            int(record["steps"]),
            str(record["preview"]),
        )
