"""The sockets of this room."""

from django.urls import path

from monitoring.consumers import MonitoringConsumer

websocket_urlpatterns = [path("ws/monitoring/", MonitoringConsumer.as_asgi())]
