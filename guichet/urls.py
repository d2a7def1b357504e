from django.contrib import admin
from django.urls import include, path

from guichet import views
from guichet.accounts.views import sign_in_first

urlpatterns = [
    path("", views.home, name="home"),
    path("sante/live", views.live, name="live"),
    path("sante/ready", views.ready, name="ready"),
    path("comptes/", include("guichet.accounts.urls")),
    path("admin/login/", sign_in_first),
    path("admin/", admin.site.urls),
]
