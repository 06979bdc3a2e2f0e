"""The data folder of a test run, chosen before anything reads the settings (`-p tests.home` in pyproject.toml).

Everything happens in a folder of its own below the system's temporary folder, whatever the caller's environment says;
HAQDAR_TEST_HOME names a folder that is kept, for quick repetitions (with --reuse-db). Each worker of a parallel run has a
folder, and so a database server, of its own.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

# What all workers of a run share; the first process makes it and takes it away.
if "TESTS_SHARED" not in os.environ:
    os.environ["TESTS_SHARED"] = tempfile.mkdtemp(prefix="haqdar-shared-")
    atexit.register(shutil.rmtree, os.environ["TESTS_SHARED"], ignore_errors=True)
SHARED = Path(os.environ["TESTS_SHARED"])
SHARED.chmod(0o711)
for _name in [name for name in os.environ if name.startswith("HAQDAR_") and name != "HAQDAR_TEST_HOME"]:
    del os.environ[_name]
os.environ.pop("DATABASE_URL", None)
KEPT = os.environ.get("HAQDAR_TEST_HOME", "")
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
HOME = Path(KEPT, _worker) if KEPT else Path(tempfile.mkdtemp(prefix="haqdar-test-"))
HOME.mkdir(parents=True, exist_ok=True)
# The server's unprivileged user must get through to its own folder.
HOME.chmod(0o711)
os.environ["HAQDAR_HOME"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "haqdar.config.settings"
# Playwright keeps an event loop in the test's thread; the ORM beside it is still used one call at a time.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
if _worker:
    # A worker's main module comes from nowhere, which the Spark client takes for a run of its own doctests.
    sys.modules["__main__"].__file__ = __file__
