"""An empty house to measure in: its own PostgreSQL, Redis and files, thrown away at the end."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
QUEUES = "default,photos,matching"


@contextmanager
def empty_house(**settings: str) -> Iterator[Path]:
    """Django set up on servers of its own, migrated; yields its folder. `settings` are variables.

    Must be entered before anything imports Django's settings.
    """
    folder = Path(tempfile.gettempdir()) / f"homeward-bench-{os.getpid()}"
    folder.mkdir(mode=0o755)
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "LIMITS_URL", "S3_BUCKET"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "casemgr.settings",
        "VAR_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
        **settings,
    }
    from casemgr.platform import embedded

    try:
        embedded.ensure()
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield folder
    finally:
        embedded.stop()
        shutil.rmtree(folder)


@contextmanager
def worker(
    folder: Path, *, processes: int, queues: str = QUEUES, beat: bool = True
) -> Iterator[None]:
    """A real worker, with its beat unless another has one; killed at the end."""
    celery = [sys.executable, "-m", "celery", "-A", "casemgr.celery", "worker"]
    celery += ["--beat"] * beat + ["-n", f"{queues.replace(',', '-')}@%h"]
    celery += ["-Q", queues, "--concurrency", str(processes), "-l", "ERROR"]
    celery += ["--without-gossip", "--without-mingle", "-s", str(folder / "beat")]
    with (folder / "worker.log").open("ab") as log:
        running = subprocess.Popen(celery, cwd=ROOT, env=os.environ, stdout=log, stderr=log)
        try:
            yield
        finally:
            running.terminate()
            try:
                running.wait(timeout=30)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
