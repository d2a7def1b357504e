from django.urls import path

from tchat import waits
from tchat.consumers import ConsoleSocket, TchatSocket

websocket_urlpatterns = [
    path("ws/tchat/<uuid:conversation>/", TchatSocket.as_asgi()),
    path("ws/console/", ConsoleSocket.as_asgi()),
]
# Under the same prefix, so that in production they reach daphne: a page server would hold a thread for each.
waiting_urlpatterns = [("ws/tchat/<uuid:conversation>/suite/", waits.wait)]
