"""The guichet's own settings, with the baselines beside it on the same server."""

from guichet.settings import *  # noqa: F403
from guichet.settings import INSTALLED_APPS, REDIS_URL

INSTALLED_APPS = [*INSTALLED_APPS, "formtools", "tests.bench"]
ROOT_URLCONF = "tests.bench.urls"
ASGI_APPLICATION = "tests.bench.asgi.application"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "bench"},
    }
}
