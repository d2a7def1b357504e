from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from guichet import quick_exit, specimens, views
from guichet.accounts.views import sign_in_first
from tchat.verify_views import verify
from victims import address_views, verify_views

urlpatterns = [
    path("", views.home, name="home"),
    path("numeros/", views.numbers, name="numbers"),
    path("vos-donnees/", views.data, name="data"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("adresse/<str:token>/", address_views.confirm, name="confirm_address"),
    path("quitter/", quick_exit.leave, name="quit"),
    path("quitter/retour/", quick_exit.come_back, name="come_back"),
    path("sante/live", views.live, name="live"),
    path("sante/ready", views.ready, name="ready"),
    path("comptes/", include("guichet.accounts.urls")),
    path("diagnostic/", include("diagnostic.urls")),
    path("prevention/", include("diagnostic.prevention.urls")),
    path("module/", include("diagnostic.module.urls")),
    path("observatoire/", include("guichet.figures_urls")),
    path("territoire/", include("guichet.territory.urls")),
    path("dossier/", include("victims.urls")),
    path("prestataire/demande/", include("victims.provider_urls")),
    path("prestataire/", include("guichet.directory.urls")),
    path("tchat/", include("tchat.urls")),
    path("verifier/", verify, name="verify"),
    path("verifier/document/", verify_views.paper, name="verify_paper"),
    path("verifier/cle/", verify_views.key, name="verify_key"),
    path("verifier/certificat/", verify_views.certificate, name="verify_certificate"),
    path("console/", include("tchat.console_urls")),
    path("admin/login/", sign_in_first),
    path("admin/", admin.site.urls),
]
if settings.DEMO:
    urlpatterns.append(path("composants/", specimens.specimens, name="specimens"))

handler400 = "guichet.errors.bad_request"
handler403 = "guichet.errors.forbidden"
handler404 = "guichet.errors.not_found"
handler500 = "guichet.errors.broken"
