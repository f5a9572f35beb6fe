"""A start with settings of one's own, each in a fresh process."""

import ast
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def start(folder: Path, show: str = "DEBUG", **environment: str) -> subprocess.CompletedProcess[str]:
    """Read the settings and print one of them."""
    inherited = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder)}
    code = f"from sdsite import settings; print(settings.{show})"
    return subprocess.run(
        [sys.executable, "-c", code],
        env=inherited | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    assert start(tmp_path).stdout == "False\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("PORT", "0"),
        ("PORT", "http"),
        ("QUOTA_PERIOD", "fortnight"),
        ("DEFAULT_ALLOWANCE", "-1"),
        ("QUEUE_LIMIT", "0"),
        ("EVENT_STREAMS", "-1"),
        ("THREADS", "80"),
        ("SD_DEVICE", "gpu"),
        ("SD_DTYPE", "int8"),
        ("SD_EXECUTOR", "fast"),
        ("SD_MAX_ROWS", "64"),
        ("WEBHOOK_ALLOWED_NETWORKS", "10.0.0.0/8,intranet"),
        ("WEBHOOK_ALLOWED_NETWORKS", "10.0.0.1/8"),
        ("SD_TINY_PICTURES", "maybe"),
        ("SD_TICK_TIMEOUT", "0"),
        ("SD_ENGINE", "an engine"),
        ("MAX_PIXELS", "10"),
        ("MAX_STEPS", "151"),
        ("MAX_IMAGES", "0"),
        ("DEFAULT_UNFINISHED", "0"),
        ("DEFAULT_RATE_LIMIT", "0"),
        ("TOKEN_LIFETIME_DAYS", "0"),
        ("REGISTRATION", "closed"),
        ("EMAIL_CONFIRMATION", "maybe"),
        ("LOG_LEVEL", "loud"),
        ("STRIPE_SECRET_KEY", "pk_live_public"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_good,hush"),
        ("STRIPE_API_BASE", "ftp://example.com"),
        ("CREDIT_PRICE", "-1"),
        ("CREDIT_PRICE", "NaN"),
        ("CREDIT_PRICE", "cheap"),
        ("CURRENCY", "EUR"),
        ("DATABASE_URL", "mysql://service:s3cret@db/service"),
        ("DATABASE_URL", "postgres://service:s3cret@db:http/service"),
        ("DATABASE_POOL_SIZE", "0"),
        ("REDIS_URL", "amqp://:s3cret@redis"),
        ("CELERY_BROKER_URL", "http://:s3cret@broker"),
        ("CELERY_BROKER_URL", "redis://:s3cret@broker"),
        ("WEB_PROCESSES", "0"),
        ("WEB_PROCESSES", "2"),
        ("RATE_LOGIN", "often"),
        ("RATE_LOGIN", "0/h"),
        ("RATE_REGISTER", "10"),
        ("TRUSTED_PROXIES", "-1"),
        ("PICTURES_RETENTION_DAYS", "-1"),
        ("PICTURES_URL", "/var/pictures"),
        ("PICTURES_URL", "s3://"),
        ("PICTURES_URL", "s3://key:s3cret@bucket"),
        ("PICTURES_URL", "s3://bucket?secret_key=s3cret"),
    ],
)
def test_nonsense_stops_the_start_and_is_named(tmp_path: Path, name: str, value: str) -> None:
    process = start(tmp_path, **{name: value})
    assert process.returncode != 0
    assert name in process.stderr
    assert "s3cret" not in process.stderr


def test_postgresql_where_its_address_is_given(tmp_path: Path) -> None:
    url = "postgresql://service:s3cret%2F@db:5433/pictures?sslmode=require"
    process = start(tmp_path, "DATABASES", DATABASE_URL=url, DATABASE_POOL_SIZE="7")
    database = ast.literal_eval(process.stdout)["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5433, "pictures")
    assert (database["USER"], database["PASSWORD"]) == ("service", "s3cret/")
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["pool"]["max_size"] == 7


def test_counters_are_shared_where_there_is_a_redis(tmp_path: Path) -> None:
    show = "CACHES['default']['LOCATION'], hasattr(settings, 'SILENCED_SYSTEM_CHECKS')"
    process = start(tmp_path, show, REDIS_URL="rediss://:s3cret@redis:6380/1")
    assert process.stdout == "rediss://:s3cret@redis:6380/1 False\n"


@pytest.mark.parametrize(("proxies", "believed"), [("0", False), ("1", True)])
def test_proxies_alone_are_believed_that_it_was_https(tmp_path: Path, proxies: str, believed: bool) -> None:
    process = start(tmp_path, "__dict__.get('SECURE_PROXY_SSL_HEADER')", TRUSTED_PROXIES=proxies)
    assert ("HTTP_X_FORWARDED_PROTO" in process.stdout) is believed


def test_a_broker_makes_it_many_processes(tmp_path: Path) -> None:
    show = "MANY_MACHINES, settings.WEB_PROCESSES, settings.EXCHANGE"
    redis, database = "redis://redis:6379/1", "postgres://service@db/service"
    alone = start(tmp_path, show)
    many = start(tmp_path, show, CELERY_BROKER_URL="amqp://mq", REDIS_URL=redis, DATABASE_URL=database)
    assert alone.stdout == "False 1 generation.dispatch.exchange.Exchange\n"
    assert many.stdout == "True 2 generation.dispatch.network.NetworkExchange\n"


@pytest.mark.parametrize(("key", "live"), [("sk_live_a1", True), ("rk_live_a1", True), ("sk_test_a1", False)])
def test_a_key_tells_whether_money_moves(tmp_path: Path, key: str, live: bool) -> None:
    assert start(tmp_path, "STRIPE_LIVE", STRIPE_SECRET_KEY=key).stdout == f"{live}\n"


def test_a_wrong_secret_is_not_repeated(tmp_path: Path) -> None:
    assert "h4sh" not in start(tmp_path, STRIPE_WEBHOOK_SECRET="h4sh", STRIPE_SECRET_KEY="h4sh").stderr


def test_a_secret_key_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    first, second = (start(tmp_path, "SECRET_KEY").stdout for _ in range(2))
    assert first == second
    assert len(first) > 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_secret_key_that_is_set_is_taken(tmp_path: Path) -> None:
    assert start(tmp_path, "SECRET_KEY", SECRET_KEY="s3cret").stdout == "s3cret\n"
    assert not (tmp_path / "secret_key").exists()


def test_an_empty_key_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    assert "SECRET_KEY is not set" in start(tmp_path).stderr
