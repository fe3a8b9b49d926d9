"""The WSGI entry for granian. `tieout web` has checked the environment and started the database before."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tieout.settings")
application = get_wsgi_application()
