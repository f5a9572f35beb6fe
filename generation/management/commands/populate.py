"""Fill a database as a year of use would, to see how the service does with it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from generation.benchmark.population import populate


class Command(BaseCommand):
    help = "Add made-up users, generations and ledger lines to an empty database. The pictures have no files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", type=int, default=100_000)
        parser.add_argument("--generations", type=int, default=1_000_000)
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *_args: Any, users: int, generations: int, seed: int, **_options: Any) -> None:
        if User.objects.exists():
            raise CommandError("There are users already. Give it a DATA_DIR or a database of its own.")
        populate(users, generations, seed)
        self.stdout.write(f"{users} users, {generations} generations.")
