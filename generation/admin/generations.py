"""Generations for staff: to look at, to search and to settle, not to rewrite."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from accounts.admin.lists import LongList
from accounts.models import LedgerEntry, User
from generation.admin import filters, pictures
from generation.admin.actions import ReasonForm, again, cancel, refund
from generation.models import Generation

PROMPT_SHOWN = 60


@admin.register(Generation)
class GenerationAdmin(LongList):
    actions = [cancel, refund, again]
    action_form = ReasonForm
    # What is on the site is for the owner alone.
    view_on_site = False
    change_form_template = "generation/staff/generation.html"

    list_display = ["thumbnail", "asked", "user", "outcome", "what", "charged", "took", "created_at"]
    list_display_links = ["thumbnail", "asked"]
    list_filter = ["status", filters.TypeFilter, filters.ReasonFilter, "created_at"]
    list_select_related = ["user"]
    list_max_show_all = LongList.list_per_page
    # The index that the list is read by has one order.
    sortable_by = ["created_at"]
    search_help_text = (
        "An id, a request id, or a part of the owner's e-mail address. Prompts are not searched."
    )
    fieldsets = [
        (None, {"fields": ["pictures", "outcome", "user", "model", "id"]}),
        ("Life", {"fields": ["created_at", "started_at", "finished_at", "waited", "took"]}),
        ("Queue", {"fields": ["place", "priority", "attempts", "lease", "leased_until"]}),
        ("Charge", {"fields": ["charged", "refunded_at", "ledger"]}),
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
        ("Request", {"fields": ["request_type", "request_id", "request_time", "token"]}),
    ]

    class Media:
        css = {"all": ["generation/staff.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Generation | None = None) -> bool:
        """Staff who may view may look; nobody rewrites what happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Generation | None = None) -> bool:
        assert isinstance(request.user, User)
        mine_to_settle = obj is None or request.user.may_manage(obj.user)
        return mine_to_settle and super().has_delete_permission(request, obj)

    def has_handle_permission(self, request: HttpRequest) -> bool:
        """Whether one may cancel and run again."""
        return request.user.has_perm("generation.change_generation")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generation.refund_generation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Generation]:
        return super().get_queryset(request).prefetch_related("images")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Generation], search_term: str
    ) -> tuple[QuerySet[Generation], bool]:
        """Prompts are private: staff read those of a generation that they have a reason to look at."""
        of_request = queryset.filter(request_id=search_term.strip())
        # Asked first, and not along with the owners: no index helps to find what is the one or the other.
        if search_term and of_request.exists():
            return of_request, False
        return super().get_search_results(request, queryset, search_term)

    def with_id(self, wanted: UUID) -> Q:
        return super().with_id(wanted) | Q(pk=wanted)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Generation], *place: Any
    ) -> HttpResponse | None:
        """What a page shows is chosen by eye. All that there is, is more than anybody means to choose."""
        if request.POST.get("select_across") == "1":
            self.message_user(request, "Choose from what the page shows.", messages.ERROR)
            return None
        return super().response_action(request, queryset, *place)

    def delete_model(self, request: HttpRequest, obj: Generation) -> None:
        self._cancel(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Generation]) -> None:
        for generation in queryset:
            self._cancel(request, generation)
        super().delete_queryset(request, queryset)

    def _cancel(self, request: HttpRequest, generation: Generation) -> None:
        """Before it is deleted, so that the ledger says who did it."""
        assert isinstance(request.user, User)
        generation.cancel(request.user, "Deleted by staff")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With the actions of the list for this one."""
        form = self.action_form(auto_id="action-%s")
        form.fields["action"].choices = self.get_action_choices(request)  # type: ignore[attr-defined]
        context = {"action_form": form, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("picture/<int:pk>", self._for_viewers(pictures.picture_view), name="generation_picture"),
            path(
                "thumbnail/<int:pk>",
                self._for_viewers(pictures.thumbnail_view, cacheable=True),
                name="generation_thumbnail",
            ),
            path(
                "input/<uuid:pk>/<str:name>",
                self._for_viewers(pictures.input_view),
                name="generation_input",
            ),
            *super().get_urls(),
        ]

    def _for_viewers(
        self, view: Callable[..., HttpResponseBase], *, cacheable: bool = False
    ) -> Callable[..., HttpResponseBase]:
        """A view for staff who may view generations."""

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(request, *args, **options)

        return self.admin_site.admin_view(checked, cacheable=cacheable)

    @admin.display(description="picture")
    def thumbnail(self, generation: Generation) -> SafeString:
        return pictures.shown_small(generation)

    @admin.display(description="pictures")
    def pictures(self, generation: Generation) -> SafeString:
        return pictures.shown(generation)

    @admin.display(description="pictures sent along")
    def inputs_sent(self, generation: Generation) -> SafeString:
        return pictures.inputs_shown(generation)

    @admin.display(description="prompt")
    def asked(self, generation: Generation) -> str:
        return Truncator(generation.prompt).chars(PROMPT_SHOWN)

    @admin.display(description="status")
    def outcome(self, generation: Generation) -> str:
        status = str(generation.get_status_display())
        if generation.refunded_at:
            return f"{status}, refunded"
        return f"{status}: {generation.error_reason}" if generation.error_reason else status

    @admin.display(description="what")
    def what(self, generation: Generation) -> str:
        images = f", {generation.num_images} images" if generation.num_images > 1 else ""
        size, steps = self.size(generation), generation.num_inference_steps
        return f"{generation.request_type}, {size}, {steps} steps{images}"

    @admin.display(description="size")
    def size(self, generation: Generation) -> str:
        return f"{generation.width} x {generation.height}"

    @admin.display(description="cost")
    def charged(self, generation: Generation) -> int:
        return generation.cost

    @admin.display(description="waited")
    def waited(self, generation: Generation) -> str:
        return _seconds(generation.created_at, generation.started_at)

    @admin.display(description="took")
    def took(self, generation: Generation) -> str:
        return _seconds(generation.started_at, generation.finished_at)

    @admin.display(description="place in the queue")
    def place(self, generation: Generation) -> int | None:
        return Generation.objects.position(generation)

    @admin.display(description="ledger")
    def ledger(self, generation: Generation) -> SafeString:
        """What of its charge stands in the ledger, oldest first."""
        lines = LedgerEntry.objects.of_generation(generation.id).select_related("actor").order_by("id")
        return render_to_string("generation/staff/ledger.html", {"lines": lines})


def _seconds(start: datetime | None, end: datetime | None) -> str:
    return f"{(end - start).total_seconds():.2f}\N{NO-BREAK SPACE}s" if start and end else ""
