from django.urls import path

from tchat import complaint_views, console_actions, console_views, later_views, supervision_views

app_name = "console"
urlpatterns = [
    path("", console_views.desk, name="desk"),
    path("file/", console_views.queue, name="queue"),
    path("pause/", console_actions.pause, name="pause"),
    path("son/", console_actions.sound, name="sound"),
    path("prendre-la-suivante/", console_views.claim_next, name="claim_next"),
    path("differees/", later_views.deferred, name="deferred"),
    path("conversation/<uuid:conversation>/", console_views.conversation, name="conversation"),
    path("conversation/<uuid:conversation>/prendre/", console_views.claim, name="claim"),
    path("conversation/<uuid:conversation>/envoyer/", console_views.send, name="send"),
    path("conversation/<uuid:conversation>/reponses/", console_actions.reply, name="reply"),
    path("conversation/<uuid:conversation>/noter/", console_actions.note, name="note"),
    path("conversation/<uuid:conversation>/urgence/", console_actions.alert, name="alert"),
    path("conversation/<uuid:conversation>/abus/", console_actions.abuse, name="abuse"),
    path("conversation/<uuid:conversation>/rendez-vous/", console_actions.appointment, name="appointment"),
    path("urgences/<uuid:alert>/prendre/", console_actions.acknowledge, name="acknowledge"),
    path("conversation/<uuid:conversation>/suite/", console_views.after, name="after"),
    path("conversation/<uuid:conversation>/clore/", console_views.close, name="close"),
    path("conversation/<uuid:conversation>/transmettre/", console_actions.transfer, name="transfer"),
    path("conversation/<uuid:conversation>/plainte/", console_views.prepare_complaint, name="prepare_complaint"),
    path("supervision/", supervision_views.live, name="supervision"),
    path("supervision/rapport/", supervision_views.figures, name="report"),
    path("supervision/arretees/", supervision_views.abuses, name="abuses"),
    path("supervision/conversation/<uuid:conversation>/", supervision_views.follow, name="follow"),
    path("supervision/conversation/<uuid:conversation>/confier/", supervision_views.assign, name="assign"),
    path("supervision/conversation/<uuid:conversation>/en-tete/", supervision_views.put_first, name="put_first"),
    path("dossiers/", complaint_views.dossiers, name="dossiers"),
    path("plaintes/", complaint_views.complaints, name="complaints"),
    path("plaintes/<uuid:complaint>/", complaint_views.complaint, name="complaint"),
    path("plaintes/<uuid:complaint>/prendre/", complaint_views.take_over, name="take_over"),
    path("plaintes/<uuid:complaint>/confier/", complaint_views.entrust, name="entrust"),
    path("plaintes/<uuid:complaint>/pieces/<uuid:piece>/", complaint_views.piece, name="piece"),
]
