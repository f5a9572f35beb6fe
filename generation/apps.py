from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from generation import engine
from generation.engine import EngineConfig

SHIPPED_MODEL = Path(__file__).parent / "picturebook" / "weights"


class GenerationConfig(AppConfig):
    name = "generation"

    def ready(self) -> None:
        """Hand the settings to the engine; nothing is loaded or started here."""
        engine.configure(engine_config())


def engine_config() -> EngineConfig:
    """What the settings say of the engine."""
    return EngineConfig(
        model=settings.SD_MODEL or str(SHIPPED_MODEL),
        model_config=settings.SD_MODEL_CONFIG,
        device=settings.SD_DEVICE,
        dtype=settings.SD_DTYPE,
        executor=settings.SD_EXECUTOR,
        num_threads=settings.SD_THREADS or None,
        max_waiting=settings.QUEUE_LIMIT,
        max_rows=settings.SD_MAX_ROWS or None,
        tick_timeout=settings.SD_TICK_TIMEOUT,
        cache_dir=settings.DATA_DIR / "models",
        tiny_decoder=settings.SD_TINY_DECODER,
        tiny_pictures=settings.SD_TINY_PICTURES,
        engine=settings.SD_ENGINE,
    )
