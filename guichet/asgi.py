"""Pages and websockets from one daphne on a laptop; in production daphne only gets `/ws/`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings")
pages = get_asgi_application()

application = pages
