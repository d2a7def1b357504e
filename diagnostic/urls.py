from django.urls import path

from diagnostic import views

app_name = "diagnostic"
urlpatterns = [
    path("", views.start, name="start"),
    path("resultat/", views.result, name="result"),
    path("recommencer/", views.restart, name="restart"),
    path("<slug:node>/", views.question, name="question"),
]
