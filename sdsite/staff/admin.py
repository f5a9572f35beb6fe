"""What staff did: the entries that admin writes, to be read and nothing else."""

from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User

DEEDS = {ADDITION: "added", CHANGE: "changed", DELETION: "deleted"}
# No more people or kinds are offered by a filter.
MOST_CHOICES = 100


class AmongFilter(admin.SimpleListFilter):
    """Offers those that there are entries of, and nobody else."""

    parameter_name: str

    def queryset(self, request: HttpRequest, entries: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        offered = {value for value, _ in self.lookup_choices}
        chosen = self.value()
        return entries.filter(**{self.parameter_name: chosen}) if chosen in offered else entries


class WhoFilter(AmongFilter):
    title = "who"
    parameter_name = "user"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        people = User.objects.filter(pk__in=LogEntry.objects.order_by().values("user"))
        return [(str(pk), email) for pk, email in people.values_list("pk", "email")[:MOST_CHOICES]]


class KindFilter(AmongFilter):
    title = "kind"
    parameter_name = "content_type"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        kinds = ContentType.objects.filter(pk__in=LogEntry.objects.order_by().values("content_type"))
        return [(str(kind.pk), kind.name) for kind in kinds[:MOST_CHOICES]]


@admin.register(LogEntry)
class AuditTrail(admin.ModelAdmin):
    """An account that did something here cannot be deleted in admin: its entries would go with it."""

    list_display = ["action_time", "user", "deed", "kind", "what", "message"]
    list_display_links = None
    list_filter = [WhoFilter, KindFilter, "action_flag"]
    list_select_related = ["user", "content_type"]
    # The newest first; there is no index on the time.
    ordering = ["-id"]
    search_fields = ["object_repr", "change_message", "user__email"]
    show_full_result_count = False

    @admin.display(description="did")
    def deed(self, entry: LogEntry) -> str:
        return DEEDS[entry.action_flag]

    @admin.display(description="kind")
    def kind(self, entry: LogEntry) -> str:
        return entry.content_type.name if entry.content_type else ""

    @admin.display(description="what")
    def what(self, entry: LogEntry) -> str | SafeString:
        url = None if entry.is_deletion() else entry.get_admin_url()
        return format_html('<a href="{}">{}</a>', url, entry.object_repr) if url else entry.object_repr

    @admin.display(description="message")
    def message(self, entry: LogEntry) -> str:
        return entry.get_change_message()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False
