from django.apps import AppConfig
from django.conf import settings

from generation import engine
from generation.engine import EngineConfig

SHIPPED_MODEL = "picturebook/weights"


class GenerationConfig(AppConfig):
    name = "generation"

    def ready(self) -> None:
        """Hand the settings to the engine; nothing is loaded or started here."""
        engine.configure(
            EngineConfig(
                model=settings.SD_MODEL or f"{self.path}/{SHIPPED_MODEL}",
                model_config=settings.SD_MODEL_CONFIG,
                device=settings.SD_DEVICE,
                dtype=settings.SD_DTYPE,
                max_waiting=settings.QUEUE_LIMIT,
                num_threads=settings.SD_THREADS or None,
            )
        )
