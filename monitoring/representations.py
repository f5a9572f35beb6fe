"""How health is shown."""

from rest_framework import serializers

from generation.engine import EngineState
from monitoring.health import FAILED, FULL, JUMPED, OK, UNUSED


class HealthChecksSerializer(serializers.Serializer):
    database = serializers.ChoiceField(choices=[OK, FAILED])
    storage = serializers.ChoiceField(choices=[OK, FAILED], help_text="Whether pictures can be written.")
    cache = serializers.ChoiceField(
        choices=[OK, FAILED, UNUSED], help_text="Unused where one process is all."
    )
    broker = serializers.ChoiceField(
        choices=[OK, FAILED, UNUSED], help_text="Unused where one process is all."
    )
    queue = serializers.ChoiceField(choices=[OK, FULL, FAILED], help_text="Whether more can be accepted.")
    engine = serializers.ChoiceField(choices=list(EngineState), help_text="That of the best worker.")
    clock = serializers.ChoiceField(
        choices=[OK, JUMPED], help_text="Whether it was set by more than a little."
    )


class RoomSerializer(serializers.Serializer):
    free_bytes = serializers.IntegerField(source="free")
    reserve_bytes = serializers.IntegerField(source="reserve", help_text="With less than this none is drawn.")


class LineSerializer(serializers.Serializer):
    length = serializers.IntegerField(help_text="Generations that wait or are drawn.")
    limit = serializers.IntegerField()


class DrawerSerializer(serializers.Serializer):
    state = serializers.ChoiceField(choices=list(EngineState))
    model = serializers.CharField(allow_null=True)
    last_tick_seconds = serializers.FloatField(
        source="last_tick", allow_null=True, help_text="Since its last step; null before its first."
    )
    seen_seconds = serializers.FloatField(source="seen", help_text="Since it was heard of.")


class HealthSerializer(serializers.Serializer):
    status = serializers.ChoiceField(choices=["ok", "degraded", "loading", "unavailable"])
    detail = serializers.CharField(help_text="The same in a sentence.")
    version = serializers.CharField()
    uptime_seconds = serializers.IntegerField(source="uptime", help_text="Of the process that answers.")
    checks = HealthChecksSerializer()
    storage = RoomSerializer(allow_null=True)
    queue = LineSerializer(allow_null=True)
    workers = DrawerSerializer(many=True, help_text="Whatever draws.")


class ReadinessSerializer(serializers.Serializer):
    ready = serializers.BooleanField()
    detail = serializers.CharField(help_text="The same in a sentence.")


class LivenessSerializer(serializers.Serializer):
    alive = serializers.BooleanField()
