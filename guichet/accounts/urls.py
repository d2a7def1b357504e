from django.urls import path

from guichet.accounts import views

app_name = "comptes"
urlpatterns = [
    path("connexion/", views.SignIn.as_view(), name="sign_in"),
    path("deconnexion/", views.SignOut.as_view(), name="sign_out"),
]
