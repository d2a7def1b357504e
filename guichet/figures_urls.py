from django.urls import path

from guichet import figures, figures_api

app_name = "observatory"
urlpatterns = [
    path("", figures.home, name="home"),
    path("tableaux.json", figures.tables_json, name="tables_json"),
    path("dictionnaire.json", figures.dictionary_json, name="dictionary_json"),
    path("openapi.json", figures_api.description, name="openapi"),
    path("dictionnaire/", figures.dictionary, name="dictionary"),
    path("<slug:table>/", figures.table, name="table"),
    path("<slug:table>/historique/", figures.history, name="history"),
    path("<slug:table>/tableau.csv", figures.table_csv, name="csv"),
    path("<slug:table>/tableau.json", figures.table_json, name="json"),
    path("<slug:table>/historique.json", figures.history_json, name="history_json"),
]
