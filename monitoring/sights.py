"""How the whole service is shown to its staff: bytes, seconds and percent, where nothing else is said."""

from datetime import datetime

from django.utils import timezone
from rest_framework import serializers

from generation.engine import EngineState
from generation.models import Status
from generation.params import RequestType
from monitoring.models import ProcessNote


class MemorySerializer(serializers.Serializer):
    total = serializers.IntegerField()
    used = serializers.IntegerField()
    available = serializers.IntegerField()


class SwapSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    used = serializers.IntegerField()


class DiskSerializer(serializers.Serializer):
    """The disk where the data lie."""

    total = serializers.IntegerField()
    used = serializers.IntegerField()
    free = serializers.IntegerField()
    read = serializers.IntegerField(allow_null=True, help_text="From all disks, since the machine's start.")
    written = serializers.IntegerField(allow_null=True, help_text="To all disks, since the machine's start.")


class NetworkSerializer(serializers.Serializer):
    received = serializers.IntegerField(help_text="Since the machine's start.")
    sent = serializers.IntegerField(help_text="Since the machine's start.")


class MachineSerializer(serializers.Serializer):
    cpu = serializers.FloatField(help_text="Percent of all processors.")
    processors = serializers.IntegerField()
    load = serializers.ListField(
        child=serializers.FloatField(), help_text="Averages over 1, 5 and 15 minutes."
    )
    memory = MemorySerializer()
    swap = SwapSerializer()
    disk = DiskSerializer()
    network = NetworkSerializer()
    uptime = serializers.IntegerField()


class ProcessSerializer(serializers.Serializer):
    pid = serializers.IntegerField()
    cpu = serializers.FloatField(help_text="Percent of one processor.")
    memory = serializers.IntegerField()
    threads = serializers.IntegerField()
    open_files = serializers.IntegerField()
    uptime = serializers.IntegerField()


class GpuSerializer(serializers.Serializer):
    name = serializers.CharField()
    utilization = serializers.IntegerField(allow_null=True)
    memory_total = serializers.IntegerField(allow_null=True)
    memory_used = serializers.IntegerField(allow_null=True)
    temperature = serializers.IntegerField(allow_null=True, help_text="Degrees Celsius.")
    power = serializers.FloatField(allow_null=True, help_text="Watts.")
    processes = serializers.IntegerField(allow_null=True)


class EngineSerializer(serializers.Serializer):
    """Counts are since its start. Rates are of the last seconds, and null where it had nothing to do then."""

    state = serializers.ChoiceField(choices=list(EngineState))
    model = serializers.CharField(allow_null=True)
    device = serializers.CharField(allow_null=True)
    dtype = serializers.CharField(allow_null=True)
    waiting = serializers.IntegerField(help_text="Requests that it was given and has not begun.")
    ticks = serializers.IntegerField()
    rows = serializers.IntegerField()
    pictures = serializers.IntegerField()
    failures = serializers.IntegerField()
    decodes = serializers.IntegerField()
    prompts = serializers.IntegerField()
    prompts_read = serializers.IntegerField(help_text="Those that were not known; the others are cache hits.")
    out_of_memory = serializers.IntegerField()
    since_tick = serializers.FloatField(allow_null=True, help_text="Seconds since the last tick.")
    ticks_per_second = serializers.FloatField(allow_null=True)
    rows_per_tick = serializers.FloatField(allow_null=True)
    occupancy = serializers.FloatField(
        allow_null=True, help_text="Rows by what there was room for in the ticks, 0-1."
    )
    ms_per_row = serializers.FloatField(allow_null=True)


class TrafficSerializer(serializers.Serializer):
    """Waits are of what was asked for in the last hour; null where nobody waited."""

    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    limit = serializers.IntegerField()
    oldest = serializers.FloatField(allow_null=True, help_text="How long the oldest has been waiting.")
    wait_p50 = serializers.FloatField(allow_null=True)
    wait_p95 = serializers.FloatField(allow_null=True)
    wait_p99 = serializers.FloatField(allow_null=True)
    seconds_each = serializers.FloatField(allow_null=True, help_text="What drawing one takes of late.")
    at_once = serializers.IntegerField(allow_null=True, help_text="How many are being drawn.")


class OutcomeSerializer(serializers.Serializer):
    """How many of what was asked for in the last minute, hour and day have come to this."""

    request_type = serializers.ChoiceField(choices=list(RequestType))
    status = serializers.ChoiceField(choices=Status.values)
    reason = serializers.CharField(allow_blank=True, help_text="Why it failed, else empty.")
    minute = serializers.IntegerField()
    hour = serializers.IntegerField()
    day = serializers.IntegerField()


class ProcessNoteSerializer(serializers.Serializer):
    """One process, as it has noted itself some seconds ago."""

    name = serializers.CharField()
    role = serializers.ChoiceField(choices=["server", "web", "worker"])
    started_at = serializers.DateTimeField()
    seen_seconds = serializers.SerializerMethodField(help_text="Since it was last heard of.")
    process = ProcessSerializer(source="facts.process", allow_null=True)
    machine = MachineSerializer(source="facts.machine", allow_null=True)
    gpus = GpuSerializer(source="facts.gpus", many=True, allow_null=True)
    engine = EngineSerializer(source="facts.engine", allow_null=True)

    def get_seen_seconds(self, note: ProcessNote) -> float:
        now: datetime = timezone.now()
        return round(max(0.0, (now - note.seen_at).total_seconds()), 3)


class SystemSerializer(serializers.Serializer):
    sampled_at = serializers.DateTimeField()
    version = serializers.CharField()
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Parts that did not answer within a second, and are null."
    )
    machine = MachineSerializer(allow_null=True)
    process = ProcessSerializer(allow_null=True, help_text="The one that answers.")
    gpus = GpuSerializer(many=True, allow_null=True, help_text="Empty where there is none.")
    engine = EngineSerializer(allow_null=True, help_text="Null where this process has none.")
    queue = TrafficSerializer(allow_null=True)
    generations = OutcomeSerializer(many=True, allow_null=True)
    processes = ProcessNoteSerializer(many=True, allow_null=True, help_text="All of the service's.")
