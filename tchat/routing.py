from django.urls import path

from tchat.consumers import ConsoleSocket, TchatSocket

websocket_urlpatterns = [
    path("ws/tchat/<uuid:conversation>/", TchatSocket.as_asgi()),
    path("ws/console/", ConsoleSocket.as_asgi()),
]
