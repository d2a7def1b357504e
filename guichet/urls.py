from django.contrib import admin
from django.urls import path

from guichet import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sante/live", views.live, name="live"),
    path("sante/ready", views.ready, name="ready"),
    path("admin/", admin.site.urls),
]
