"""Copy all that the service keeps."""

from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from generation.pictures.backups import back_up


class Command(BaseCommand):
    help = "Copy the database, the pictures and the signing key into a new folder, while the service runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="where copies are kept, each in a folder named by its time"
        )

    def handle(self, *_args: Any, folder: Path, **_options: Any) -> None:
        try:
            self.stdout.write(str(back_up(folder, timezone.now())))
        except (OSError, CalledProcessError) as error:
            raise CommandError(f"There is no copy: {error}") from error
