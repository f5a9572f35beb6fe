"""Pictures in a bucket of an S3. What goes wrong there is an `OSError`, as it is with files."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from time import monotonic
from types import SimpleNamespace
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from generation.pictures.storage import PictureStorage

CONNECT_SECONDS, READ_SECONDS = 2, 20
TRIES = 3
# As many as may be asked for at once without waiting for each other.
CONNECTIONS = 64
# A larger file would be sent in pieces, which somebody has to clear away where they never become one. No picture is.
ONE_PIECE = 2**30
# How long it is taken for granted that the bucket is there, or that it is not.
ASK_AGAIN_SECONDS = 5.0


@contextmanager
def as_os_error() -> Iterator[None]:
    """Raises `FileNotFoundError` for what is not there, and `OSError` for anything else."""
    try:
        yield
    except ClientError as error:
        missing = error.response["ResponseMetadata"].get("HTTPStatusCode") == 404
        raise (FileNotFoundError if missing else OSError)(str(error)) from error
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(str(error)) from error


class BucketStorage(S3Storage, PictureStorage):
    """An object is there whole or not at all: S3 says so of what is put in one piece."""

    def __init__(self, **options: Any) -> None:
        style = options.pop("addressing_style", "auto")
        super().__init__(
            file_overwrite=False,
            transfer_config=TransferConfig(multipart_threshold=ONE_PIECE, use_threads=False),
            client_config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"total_max_attempts": TRIES, "mode": "standard"},
                max_pool_connections=CONNECTIONS,
                s3={"addressing_style": style},
            ),
            **options,
        )
        # One client for all threads, which is what botocore's are made for; one each would be megabytes each.
        self._connections = SimpleNamespace()
        self._asked, self._answered = float("-inf"), False

    def is_there(self) -> bool:
        if monotonic() - self._asked > ASK_AGAIN_SECONDS:
            self._answered, self._asked = self._answers(), monotonic()
        return self._answered

    def _answers(self) -> bool:
        try:
            self.connection.meta.client.head_bucket(Bucket=self.bucket_name)
        except (ClientError, BotoCoreError):
            return False
        return True

    def _open(self, name: str, mode: str = "rb") -> File:
        """The content, fetched by one request."""
        with as_os_error():
            answer = self.connection.meta.client.get_object(
                Bucket=self.bucket_name, Key=self._normalize_name(name)
            )
            return File(BytesIO(answer["Body"].read()), name)

    def _save(self, name: str, content: Any) -> str:
        with as_os_error():
            return super()._save(name, content)

    def delete(self, name: str) -> None:
        with as_os_error():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with as_os_error():
            return super().exists(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with as_os_error():
            return super().listdir(path)

    def get_modified_time(self, name: str) -> Any:
        with as_os_error():
            return super().get_modified_time(name)
