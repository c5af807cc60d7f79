"""The site as production serves it, on the test's database, for programs that measure it."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings

from tests.faults import house


@contextmanager
def served(folder: Path, private: Path) -> Iterator[str]:
    """Its address, until the end; files that only production makes go below `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "var").mkdir()
    (folder / "var" / "private").symlink_to(private)
    environment = {
        **os.environ,
        "HOMEWARD_ENV": "production",
        "SECURE_SSL_REDIRECT": "0",
        "TRUSTED_PROXIES": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_ADDRESS": "https://127.0.0.1",
        "DATABASE_URL": house.test_database_url(),
        "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
        "LIMITS_URL": settings.LIMITS_URL,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "STATIC_ROOT": str(folder / "static"),
        "VAR_DIR": str(folder / "var"),
        "LOG_LEVEL": "WARNING",
    }
    root = Path(settings.BASE_DIR)
    gather = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(gather, cwd=root, env=environment, check=True, timeout=120)
    bind = ["--bind", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket"]
    bind += ["--log-level", "warning"]
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "casemgr.wsgi", *bind], cwd=root, env=environment
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            assert web.poll() is None, "the web server ended by itself"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert time.monotonic() < deadline, "the web server does not answer"
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        web.terminate()
        web.wait(20)
