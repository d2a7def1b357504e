"""The guichet's websockets, and the tutorial's consumer: payload through the layer, one insert per message."""

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from guichet.asgi import application as guichet
from guichet.asgi import pages
from tests.bench.models import Said


class Minimal(AsyncWebsocketConsumer):
    async def connect(self):
        self.room = self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(f"room{self.room}", self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard(f"room{self.room}", self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        await database_sync_to_async(Said.objects.create)(room=self.room, body=text_data)
        await self.channel_layer.group_send(f"room{self.room}", {"type": "said", "text": text_data})

    async def said(self, event):
        await self.send(event["text"])


baseline = URLRouter([path("ws/bench/<int:room>/", Minimal.as_asgi())])


async def websockets(scope, receive, send):
    chosen = baseline if scope["path"].startswith("/ws/bench/") else guichet
    await chosen(scope, receive, send)


application = ProtocolTypeRouter({"http": pages, "websocket": websockets})
