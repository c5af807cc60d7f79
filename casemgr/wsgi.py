"""The web server's entry point."""

import os

from django.core.wsgi import get_wsgi_application

from casemgr.platform import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgr.settings")
embedded.ensure()
application = get_wsgi_application()
