from django.urls import path

from diagnostic.module import frame, views

app_name = "module"
urlpatterns = [
    path("", views.home, name="home"),
    path("demande/", views.ask, name="ask"),
    path("chiffres/", views.figures, name="figures"),
    path("code.svg", views.code, name="code"),
    path("code/<slug:node>.svg", views.code, name="code_of"),
    path("aller/<slug:node>/", views.enter, name="enter"),
    path("suite/", views.onward, name="onward"),
    path("apparence.css", frame.style, name="style"),
    path("cadre/<slug:partner>/", frame.frame, name="frame"),
    path("cadre/<slug:partner>/<slug:node>/", frame.frame, name="frame_at"),
]
