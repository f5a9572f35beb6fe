"""The settings of the service, on a data folder of the tests' own."""

import atexit
import os
import shutil
import tempfile

folder = tempfile.mkdtemp(prefix="sdsite-tests-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["DATA_DIR"] = folder
# OpenVINO has tests of its own; elsewhere nothing is converted in the background.
os.environ["SD_EXECUTOR"] = "torch"
# Limits have tests of their own, which switch them on.
os.environ["RATE_LIMITS"] = "false"

from sdsite.settings import *  # noqa: E402, F403
from sdsite.settings import DATA_DIR, DATABASES, LOGGING, STATIC_ROOT, STORAGES  # noqa: E402

STATIC_ROOT.mkdir()
# Pages are looked at here without their static files having been gathered.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # Threads of a test have to see one database: a file, not one in memory.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# All lines of the log are kept, to be searched for secrets at the end.
LOGGING["handlers"]["evidence"] = {
    "class": "tests.evidence.LogKeeper",
    "formatter": "line",
    "filters": ["trail"],
}
LOGGING["root"]["handlers"] = ["console", "evidence"]
