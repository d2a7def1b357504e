from django.urls import path
from django.views.decorators.http import condition, require_safe

from diagnostic.prevention import subscription_views, views
from diagnostic.prevention.feeds import AnnouncementsFeed, etag

app_name = "prevention"
urlpatterns = [
    path("", views.home, name="home"),
    path("fiches/<slug:slug>/", views.sheet, name="sheet"),
    path("pratiques/<slug:slug>/", views.practice, name="practice"),
    path("apercu/<int:pk>/", views.preview, name="preview"),
    path("recherche/", views.search, name="search"),
    path("kit/", views.kit, name="kit"),
    path("kit/kit-prevention.zip", views.kit_archive, name="kit_archive"),
    path("kit/<slug:slug>.pdf", views.kit_paper, name="kit_paper"),
    path("kit/<slug:slug>.txt", views.kit_text, name="kit_text"),
    path("alertes/", views.alerts, name="alerts"),
    path("alertes/flux.atom", require_safe(condition(etag_func=etag)(AnnouncementsFeed())), name="feed"),
    path("alertes/abonnement/", subscription_views.subscription, name="subscription"),
    path("alertes/abonnement/confirmer/<str:token>/", subscription_views.confirm, name="subscription_confirm"),
    path("alertes/abonnement/arreter/<str:token>/", subscription_views.stop, name="subscription_stop"),
    path("alertes/<uuid:key>/", views.alert, name="alert"),
]
