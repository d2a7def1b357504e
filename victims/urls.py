from django.urls import path

from victims import (
    bundle_views,
    chunk_views,
    complaint_views,
    erasure_views,
    follow_up_views,
    plan_views,
    trace_views,
    upload_views,
    views,
)

app_name = "dossier"
urlpatterns = [
    path("", views.home, name="home"),
    path("ouvrir/", views.open_dossier, name="open"),
    path("cles/", views.keys, name="keys"),
    path("cles/nouveau-code/", views.renew, name="renew"),
    path("retrouver/", views.sign_in, name="sign_in"),
    path("effacer/", erasure_views.erase, name="erase"),
    path("emporter/", bundle_views.take, name="bundle"),
    path("fermer/", views.leave, name="leave"),
    path("pieces/", upload_views.pieces, name="pieces"),
    path("pieces/<uuid:piece_id>/", views.piece, name="piece"),
    path("pieces/traces/", trace_views.confirm, name="traces"),
    path("pieces/envois/", chunk_views.begin_upload, name="begin_upload"),
    path("pieces/envois/<uuid:upload_id>/", chunk_views.upload_part, name="upload"),
    path("pieces/envois/<uuid:upload_id>/fin/", chunk_views.end_upload, name="upload_end"),
    path("gestes/", plan_views.done, name="done"),
    path("echeances/", plan_views.calendar, name="calendar"),
    path("echeances/<slug:action>/", plan_views.calendar, name="calendar_one"),
    path("lettres/", views.home, name="letters"),
    path("lettres/<slug:letter>/", plan_views.letter, name="letter"),
    path("lettres/<slug:letter>/<slug:form>/", plan_views.letter, name="letter_file"),
    path("plainte/", complaint_views.begin, name="complaint"),
    path("plainte/relire/", complaint_views.recap, name="recap"),
    path("plainte/deposer/", complaint_views.file, name="file"),
    path("plainte/completer/", follow_up_views.add, name="addition"),
    path("plainte/retirer/", follow_up_views.withdraw, name="withdraw"),
    path("plainte/deposee/", complaint_views.filed, name="filed"),
    path("plainte/<slug:section_id>/", complaint_views.section, name="section"),
]
