"""Static files under names that change with them, so that browsers keep them for ever; compressed beforehand."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Scripts that are modules find each other under those names too. Until files are gathered, names are plain."""

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        return super().stored_name(name) if self.hashed_files else name
