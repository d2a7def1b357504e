from django.urls import path

from guichet.accounts import factor_views, views

app_name = "comptes"
urlpatterns = [
    path("connexion/", views.SignIn.as_view(), name="sign_in"),
    path("connexion/code/", views.sign_in_code, name="sign_in_code"),
    path("deconnexion/", views.SignOut.as_view(), name="sign_out"),
    path("second-facteur/", factor_views.second_factor, name="second_factor"),
    path("second-facteur/proposer/", factor_views.propose, name="propose_factor"),
    path("second-facteur/ajouter/", factor_views.add_factor, name="add_factor"),
    path("second-facteur/codes/", factor_views.renew_codes, name="renew_codes"),
    path("second-facteur/retirer/", factor_views.remove_factor, name="remove_factor"),
]
