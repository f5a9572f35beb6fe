from monitoring.models.notes import ProcessNote
from monitoring.models.samples import Sample

__all__ = ["ProcessNote", "Sample"]
