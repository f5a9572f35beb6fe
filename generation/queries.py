"""The query parameters of the generation operations."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.settings import api_settings

from generation.exceptions import invalid
from generation.models import Status
from generation.pagination import MAX_PAGE_SIZE, PAGE_SIZE
from generation.params import RequestType


class QuerySerializer(serializers.Serializer):
    """The query of a request; an unknown parameter is refused, but for the one that chooses a renderer."""

    def to_internal_value(self, data: Mapping[str, Any]) -> dict[str, Any]:
        for name in data:
            if name not in self.fields and name != api_settings.URL_FORMAT_OVERRIDE:
                raise invalid(name[:64], "This parameter is not known here.", "unknown_field")
        return super().to_internal_value(data)


class ImagesQuery(QuerySerializer):
    images = serializers.ChoiceField(
        choices=["base64", "url"],
        default="base64",
        help_text="How the pictures come; `base64` puts them into the answer, `url` leaves `image` null.",
    )


class ListQuery(QuerySerializer):
    status = serializers.ChoiceField(
        choices=Status.values, required=False, help_text="Only generations in this state."
    )
    request_type = serializers.ChoiceField(
        choices=list(RequestType), required=False, help_text="Only generations of this kind."
    )
    created_after = serializers.DateTimeField(
        required=False, help_text="Only generations created after this moment."
    )
    q = serializers.CharField(
        min_length=1,
        max_length=200,
        trim_whitespace=False,
        required=False,
        help_text="Only generations whose prompt contains this text, whatever its case.",
    )
    page_size = serializers.IntegerField(
        min_value=1, max_value=MAX_PAGE_SIZE, default=PAGE_SIZE, help_text="How many to show on a page."
    )
    cursor = serializers.CharField(
        min_length=1,
        max_length=500,
        required=False,
        help_text="Where the page starts; taken from `next` or `previous`, never made by hand.",
    )

    def filters(self) -> dict[str, Any]:
        """The filters as lookups of the `Generation` table."""
        lookups = {
            "status": "status",
            "request_type": "request_type",
            "created_after": "created_at__gt",
            "q": "prompt__icontains",
        }
        return {lookups[name]: value for name, value in self.validated_data.items() if name in lookups}
