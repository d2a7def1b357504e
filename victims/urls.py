from django.urls import path

from victims import complaint_views, views

app_name = "dossier"
urlpatterns = [
    path("", views.home, name="home"),
    path("ouvrir/", views.open_dossier, name="open"),
    path("cles/", views.keys, name="keys"),
    path("cles/nouveau-code/", views.renew, name="renew"),
    path("retrouver/", views.sign_in, name="sign_in"),
    path("fermer/", views.leave, name="leave"),
    path("pieces/<uuid:piece_id>/", views.piece, name="piece"),
    path("plainte/", complaint_views.begin, name="complaint"),
    path("plainte/relire/", complaint_views.recap, name="recap"),
    path("plainte/deposer/", complaint_views.file, name="file"),
    path("plainte/deposee/", complaint_views.filed, name="filed"),
    path("plainte/<slug:section_id>/", complaint_views.section, name="section"),
]
