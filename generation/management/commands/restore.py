"""Bring a copy back."""

from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.pictures.backups import NotEmpty, restore


class Command(BaseCommand):
    help = "Bring a copy that `backup` made back, into an empty database and folder. Run `migrate` after it."
    # The tables are in the copy.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("copy", type=Path, help="the folder of one copy")

    def handle(self, *_args: Any, copy: Path, **_options: Any) -> None:
        try:
            restore(copy)
        except (NotEmpty, OSError, CalledProcessError) as error:
            raise CommandError(f"Nothing is restored: {error}") from error
        self.stdout.write(self.style.SUCCESS("Restored. Now run migrate, then start the service."))
