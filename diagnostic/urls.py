from django.urls import path

from diagnostic import calendar_views, letter_views, open_data_views, takeaway_views, views, word_views

app_name = "diagnostic"
urlpatterns = [
    path("", views.start, name="start"),
    path("resultat/", views.result, name="result"),
    path("resultat/faits/", views.done, name="done"),
    path("recommencer/", views.restart, name="restart"),
    path("vite/", views.express, name="express"),
    path("mots/", word_views.words, name="words"),
    path("mots/choisir/", word_views.choose, name="words_choose"),
    path("mots/reponses/", word_views.recap, name="words_recap"),
    path("echeances/", calendar_views.calendar, name="calendar"),
    path("echeances/<slug:action>/", calendar_views.calendar_one, name="calendar_one"),
    path("lettres/", views.result, name="letters"),
    path("lettres/<slug:letter>/", letter_views.letter, name="letter"),
    path("lettres/<slug:letter>/<slug:form>/", letter_views.letter, name="letter_file"),
    path("emporter/", takeaway_views.takeaway_page, name="takeaway"),
    path("emporter/envoyer/", takeaway_views.send, name="send"),
    path("emporter/memo.pdf", takeaway_views.plan_pdf, name="plan_pdf"),
    path("emporter/memo.html", takeaway_views.plan_file, name="plan_file"),
    path("emporter/code.svg", takeaway_views.code, name="code"),
    path("emporter/code/<str:token>.svg", takeaway_views.code, name="carried_code"),
    path("reprendre/<str:token>/", takeaway_views.carried, name="carried"),
    path("donnees/", open_data_views.page, name="open_data"),
    path("donnees/arbre.json", open_data_views.file, name="open_data_file"),
    path("<slug:node>/", views.question, name="question"),
]
