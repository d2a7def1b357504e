from django.urls import path

from guichet.directory import views

app_name = "directory"
urlpatterns = [
    path("candidater/", views.apply, name="apply"),
    path("candidater/recue/", views.applied, name="applied"),
    path("charte/", views.charter, name="charter"),
    path("regle/", views.rule, name="rule"),
]
