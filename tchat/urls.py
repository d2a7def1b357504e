from django.urls import path

from tchat import appointment_views, attachment_views, later_views, views, waiting_times_views

app_name = "tchat"
urlpatterns = [
    path("", views.room, name="room"),
    path("demander/", views.ask, name="ask"),
    path("ecrire/", views.write, name="write"),
    path("envoyer/", views.send, name="send"),
    path("avis/", views.opinion, name="opinion"),
    path("pieces/", attachment_views.attach, name="attach"),
    path("file/quitter/", views.confirm_leave, name="confirm_leave"),
    path("file/quitter/oui/", views.leave, name="leave"),
    path("attentes/", waiting_times_views.waits, name="waits"),
    path("attentes/tableau.csv", waiting_times_views.waits_csv, name="waits_csv"),
    path("rendez-vous/", appointment_views.appointment, name="appointment"),
    path("rendez-vous/agenda.ics", appointment_views.calendar, name="appointment_calendar"),
    path("rendez-vous/choisir/", appointment_views.choose, name="choose_slot"),
    path("plus-tard/", later_views.later, name="later"),
    path("plus-tard/reprendre/", later_views.wait_again, name="wait_again"),
    path("<uuid:conversation>/suite/", views.after, name="after"),
]
