from django.urls import path

from victims import provider_views

app_name = "provider"
urlpatterns = [
    path("<str:token>/", provider_views.show, name="request"),
    path("<str:token>/accepter/", provider_views.accept, name="accept"),
    path("<str:token>/refuser/", provider_views.decline, name="decline"),
    path("<str:token>/message/", provider_views.write, name="write"),
    path("<str:token>/compte-rendu/", provider_views.report, name="report"),
    path("<str:token>/differend/", provider_views.dispute, name="dispute"),
]
