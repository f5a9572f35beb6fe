"""The query parameters of the generation operations."""

from typing import Any

from rest_framework import serializers

from accounts.queries import PageQuery, QuerySerializer, Repeated
from generation.models import Status
from generation.params import RequestType


class ImagesQuery(QuerySerializer):
    images = serializers.ChoiceField(
        choices=["base64", "url"],
        default="base64",
        help_text="How the pictures come; `base64` puts them into the answer, `url` leaves `image` null.",
    )


class SizeQuery(QuerySerializer):
    size = serializers.ChoiceField(
        choices=["full", "thumbnail"],
        default="full",
        help_text=(
            "`full` for the file itself, `thumbnail` for a WebP of at most 384 pixels on its longer side; smaller "
            "pictures are not enlarged."
        ),
    )


class ArchiveQuery(QuerySerializer):
    id = Repeated(
        child=serializers.UUIDField(),
        min_length=1,
        max_length=100,
        help_text="The generations whose pictures are wanted.",
    )


class ListQuery(PageQuery):
    status = Repeated(
        child=serializers.ChoiceField(choices=Status.values),
        max_length=len(Status),
        required=False,
        help_text="Only generations in this state, or in one of these.",
    )
    request_type = serializers.ChoiceField(
        choices=list(RequestType), required=False, help_text="Only generations of this kind."
    )
    created_after = serializers.DateTimeField(
        required=False, help_text="Only generations created after this moment."
    )
    created_before = serializers.DateTimeField(
        required=False, help_text="Only generations created before this moment."
    )
    q = serializers.CharField(
        min_length=1,
        max_length=200,
        trim_whitespace=False,
        required=False,
        help_text="Only generations whose prompt contains this text, whatever its case.",
    )

    def filters(self) -> dict[str, Any]:
        """The filters as lookups of the `Generation` table."""
        lookups = {
            "status": "status__in",
            "request_type": "request_type",
            "created_after": "created_at__gt",
            "created_before": "created_at__lt",
            "q": "prompt__icontains",
        }
        return {lookups[name]: value for name, value in self.validated_data.items() if name in lookups}
