"""Settings for the tests: an installation of their own in a temporary folder, plain static files, quick passwords."""

import os
import tempfile
from pathlib import Path

# The first process makes the folder; processes it starts (pytest-xdist's workers) share it and its database.
if "COUNTERFOIL_TEST_HOME" not in os.environ:
    folder = Path(tempfile.mkdtemp(prefix="counterfoil-tests-"))
    folder.chmod(0o711)
    os.environ["COUNTERFOIL_TEST_HOME"] = str(folder)
    os.environ["COUNTERFOIL_TEST_HOME_OWNER"] = str(os.getpid())

for name in [name for name in os.environ if name.startswith("COUNTERFOIL_")]:
    if not name.startswith(("COUNTERFOIL_TEST_", "COUNTERFOIL_POSTGRES_BINDIR")):
        del os.environ[name]
os.environ["COUNTERFOIL_HOME"] = os.environ["COUNTERFOIL_TEST_HOME"]
if os.environ.get("COUNTERFOIL_TEST_DATABASE_URL"):
    os.environ["COUNTERFOIL_DATABASE_URL"] = os.environ["COUNTERFOIL_TEST_DATABASE_URL"]

from counterfoil.project.settings import *  # noqa: E402, F403
from counterfoil.project.settings import INSTALLED_APPS, STORAGES  # noqa: E402

INSTALLED_APPS = ["tests.emptying", *INSTALLED_APPS]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STATIC_ROOT.mkdir(exist_ok=True)  # noqa: F405
