"""Generations for staff: to look at and to search, not to change."""

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from generation.delivery import file_response
from generation.models import GeneratedImage, Generation
from generation.params import OutputFormat
from generation.pixels import CONTENT_TYPES

THUMBNAIL_SIDE = 64


@admin.register(Generation)
class GenerationAdmin(admin.ModelAdmin):
    list_display = ["thumbnail", "prompt", "user", "status", "model", "size", "seed", "charged", "created_at"]
    list_display_links = ["thumbnail", "prompt"]
    list_filter = ["status", "request_type", "model", "scheduler", "output_format", "created_at"]
    list_select_related = ["user"]
    search_fields = ["id", "prompt", "negative_prompt", "user__email", "request_id", "seed"]
    date_hierarchy = "created_at"
    fieldsets = [
        (None, {"fields": ["pictures", "status", "error_code", "error_reason", "user", "model", "id"]}),
        ("Request", {"fields": ["request_type", "request_id", "request_time"]}),
        (
            "Parameters",
            {
                "fields": [
                    "inputs_sent",
                    "prompt",
                    "negative_prompt",
                    "size",
                    "num_inference_steps",
                    "guidance_scale",
                    "scheduler",
                    "seed",
                    "num_images",
                    "output_format",
                    "quality",
                    "strength",
                ]
            },
        ),
        ("Charge", {"fields": ["charged", "from_allowance", "from_balance", "period_ends"]}),
        ("Times", {"fields": ["created_at", "started_at", "finished_at"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Generation | None = None) -> bool:
        """Staff who may view may look; nobody rewrites what happened."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Generation]:
        return super().get_queryset(request).prefetch_related("images")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.picture_view)
        input_view = self.admin_site.admin_view(self.input_view)
        return [
            path("picture/<int:pk>", view, name="generation_picture"),
            path("input/<uuid:pk>/<str:name>", input_view, name="generation_input"),
            *super().get_urls(),
        ]

    def picture_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The bytes of any user's picture, for staff who may view generations."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return file_response(get_object_or_404(GeneratedImage, pk=pk))

    def input_view(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponseBase:
        """The bytes of a picture that a request brought along."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        generation = get_object_or_404(Generation, pk=pk)
        if name not in generation.inputs:
            raise Http404
        try:
            return FileResponse(
                generation.folder.input_file(name), content_type=CONTENT_TYPES[OutputFormat.PNG]
            )
        except FileNotFoundError:
            raise Http404 from None

    @admin.display(description="picture")
    def thumbnail(self, generation: Generation) -> SafeString:
        return _tags(_sources(generation)[:1], f"max-height: {THUMBNAIL_SIDE}px")

    @admin.display(description="pictures")
    def pictures(self, generation: Generation) -> SafeString:
        return _tags(_sources(generation), "max-width: 100%")

    @admin.display(description="pictures sent along")
    def inputs_sent(self, generation: Generation) -> SafeString:
        sources = [
            reverse("admin:generation_input", args=[generation.pk, name]) for name in generation.inputs
        ]
        return _tags(sources, "max-width: 256px")

    @admin.display(description="size", ordering="width")
    def size(self, generation: Generation) -> str:
        return f"{generation.width} x {generation.height}"

    @admin.display(description="cost")
    def charged(self, generation: Generation) -> int:
        return generation.cost


def _sources(generation: Generation) -> list[str]:
    return [reverse("admin:generation_picture", args=[image.pk]) for image in generation.images.all()]


def _tags(sources: list[str], style: str) -> SafeString:
    return format_html_join(" ", '<img src="{}" alt="" style="{}">', ((source, style) for source in sources))
