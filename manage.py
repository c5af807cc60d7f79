#!/usr/bin/env python
"""Homeward's command line."""

import os
import sys

WITHOUT_SERVICES = {"embedded", "catalogues", "collectstatic", "demo", "help", "version"}


def main() -> None:
    """Start the embedded services a command needs, then run it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgr.settings")
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in WITHOUT_SERVICES and "--help" not in sys.argv:
        from casemgr.platform import embedded

        try:
            embedded.ensure()
        except embedded.EmbeddedUnavailable as error:
            sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
