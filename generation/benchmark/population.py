"""A database like that of a service after a year: many users, what they drew, and what it cost them."""

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import AuthToken, Kind, LedgerEntry, Quota, User
from accounts.periods import period_end
from accounts.tokens import digest, new_token
from generation.models import GeneratedImage, Generation, Status
from generation.params import RequestType

YEAR = timedelta(days=365)
BATCH = 20_000
COST = 1
LEFT = 1000
STATUSES = (Status.SUCCEEDED,) * 18 + (Status.FAILED,) * 2
REASONS = ("out_of_memory", "worker_lost", "timeout", "invalid_output")
WORDS = ("red", "blue", "house", "boat", "tree", "fish", "snow", "night", "hill", "sea", "sunset", "forest")


class Account(NamedTuple):
    user: User
    token: AuthToken
    quota: Quota


def populate(users: int, generations: int, seed: int = 0) -> None:
    """Add that many users with a token and a quota each, and generations with a picture and the lines of the ledger.

    The pictures' files are not made. Few users draw much and many little: their shares fall with their rank.
    """
    chance = random.Random(seed)
    now = timezone.now()
    accounts = [_account(number, now, chance) for number in range(users)]
    shares = [1 / (rank + 10) for rank in range(users)]
    owners = chance.choices(accounts, shares, k=generations)
    for owner in owners:
        owner.quota.balance += COST
    with transaction.atomic():
        _insert(User, (account.user for account in accounts))
        _insert(AuthToken, (account.token for account in accounts))
        # Before anything is drawn, so that the balance is what was granted.
        _insert(LedgerEntry, [_grant(account) for account in accounts])
        made = (_generation(owner, now, chance) for owner in owners)
        while batch := list(islice(made, BATCH)):
            _insert(Generation, batch)
            _insert(GeneratedImage, (_image(one) for one in batch if one.status == Status.SUCCEEDED))
            _insert(LedgerEntry, (line for one in batch for line in _lines(one)))
        _insert(Quota, (account.quota for account in accounts))


def _account(number: int, now: datetime, chance: random.Random) -> Account:
    user = User(
        email=f"person{number}-{uuid.UUID(int=chance.getrandbits(128)).hex[:8]}@example.com",
        display_name=f"Person {number}",
        password=make_password(None),
        created_at=now - YEAR * chance.random(),
        last_login=now - YEAR * chance.random(),
    )
    secret = new_token()
    token = AuthToken(
        user=user,
        digest=digest(secret),
        start=secret[:8],
        scopes=["generate", "read"],
        last_used_at=now - YEAR * chance.random(),
    )
    return Account(user, token, Quota(user=user, limit=100, balance=LEFT, resets_at=period_end(now)))


def _generation(owner: Account, now: datetime, chance: random.Random) -> Generation:
    created = now - YEAR * chance.random()
    started = created + timedelta(seconds=chance.expovariate(1.0))
    status = chance.choice(STATUSES)
    failed = status == Status.FAILED
    owner.quota.balance += 0 if failed else -COST
    return Generation(
        user=owner.user,
        status=status,
        request_type=chance.choice(list(RequestType)).value,
        request_id=uuid.UUID(int=chance.getrandbits(128)).hex,
        model="picturebook",
        prompt=" ".join(chance.choices(WORDS, k=6)),
        width=128,
        height=128,
        num_inference_steps=20,
        guidance_scale=7.5,
        scheduler="euler",
        seed=chance.getrandbits(32),
        num_images=1,
        output_format="png",
        quality=95,
        from_allowance=0,
        from_balance=COST,
        created_at=created,
        started_at=started,
        finished_at=started + timedelta(seconds=chance.uniform(1, 5)),
        error_code="generation_failed" if failed else "",
        error_reason=chance.choice(REASONS) if failed else "",
    )


def _image(generation: Generation) -> GeneratedImage:
    path = generation.folder.picture_path(0, None)
    return GeneratedImage(generation=generation, index=0, seed=generation.seed, bytes=20_000, file=path)


def _grant(account: Account) -> LedgerEntry:
    return LedgerEntry(
        user=account.user,
        kind=Kind.GRANT,
        balance=account.quota.balance,
        reason="Welcome",
        key=f"welcome:{account.user.pk}",
        created_at=account.user.created_at,
    )


def _lines(generation: Generation) -> Iterator[LedgerEntry]:
    yield _line(generation, Kind.RESERVE, -COST)
    if generation.status == Status.FAILED:
        yield _line(generation, Kind.REFUND, COST)
    else:
        yield _line(generation, Kind.SETTLE, 0)


def _line(generation: Generation, kind: Kind, balance: int) -> LedgerEntry:
    return LedgerEntry(
        user=generation.user,
        kind=kind,
        balance=balance,
        generation=generation.id,
        key=f"{kind.value}:{generation.id}",
        created_at=generation.created_at,
    )


def _insert(model: type[models.Model], rows: Iterable[Any]) -> None:
    """Write rows whose keys are known or counted by the database, many times faster than `bulk_create`."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608
    values = (
        [field.get_db_prep_save(field.pre_save(row, False), connection) for field in fields] for row in rows
    )
    with connection.cursor() as cursor:
        while batch := list(islice(values, BATCH)):
            cursor.executemany(statement, batch)
