"""Where the pictures are kept: in a folder, or in the bucket of an S3 that `PICTURES_URL` names."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

# What may be said of the bucket behind a question mark, as django-storages calls it.
OPTIONS = {"endpoint_url": "endpoint_url", "region": "region_name", "addressing_style": "addressing_style"}


def pictures_at(url: str, folder: Path) -> dict[str, Any]:
    """Django's settings of the storage at `url`, or of the folder where it is empty."""
    if not url:
        options: dict[str, Any] = {"location": folder, "base_url": None}
        return {"BACKEND": "generation.pictures.storage.WholeFileStorage", "OPTIONS": options}
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or not OPTIONS.keys() >= given.keys():
        raise ImproperlyConfigured(
            "PICTURES_URL has to be s3://bucket/prefix, if need be with "
            "?endpoint_url=, &region= and &addressing_style=, or empty for a folder."
        )
    options = {"bucket_name": parts.netloc, "location": parts.path.strip("/")}
    options |= {OPTIONS[name]: value for name, value in given.items()}
    return {"BACKEND": "generation.pictures.bucket.BucketStorage", "OPTIONS": options}
