import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings")
application = get_wsgi_application()

from diagnostic.editing import live  # noqa: E402 (apps must be loaded first)

live.watch()
