"""The web server's entry point. A database that a restore took back in time is not served."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from casemgr.platform import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgr.settings")
embedded.ensure()
application = get_wsgi_application()


def _refuse_what_was_erased() -> None:
    from django.db import connections

    from casemgr.platform.erasure import ledger

    behind = ledger.missing()
    connections.close_all()
    if behind:
        raise ImproperlyConfigured(
            f"{len(behind)} erasures are not known to this database: a backup brought back what "
            "had been erased. Run: manage.py replay_erasures"
        )


_refuse_what_was_erased()
