from django.urls import path

from generation.api import bundle, delivery, drawing, events, export, quoting, views
from generation.webhooks.views import WebhookSecretView

urlpatterns = [
    path("text-to-image-generator", drawing.TextToImageView.as_view(), name="text-to-image-generator"),
    path("image-manipulator1", drawing.TransformView.as_view(), name="image-manipulator1"),
    path("image-manipulator2", drawing.InpaintView.as_view(), name="image-manipulator2"),
    path("quote", quoting.QuoteView.as_view(), name="quote"),
    path("account/export", export.ExportView.as_view(), name="account-export"),
    path("account/webhook-secret", WebhookSecretView.as_view(), name="webhook-secret"),
    path("generations", views.GenerationListView.as_view(), name="generations"),
    path("generations/archive", bundle.ArchiveView.as_view(), name="generation-archive"),
    path("generations/<uuid:id>", views.GenerationView.as_view(), name="generation"),
    path("generations/<uuid:id>/events", events.EventsView.as_view(), name="generation-events"),
    path("generations/<uuid:id>/cancel", views.CancelView.as_view(), name="generation-cancel"),
    path(
        "generations/<uuid:id>/images/<int:index>",
        delivery.GenerationImageView.as_view(),
        name="generation-image",
    ),
    path("capabilities", views.CapabilitiesView.as_view(), name="capabilities"),
]
