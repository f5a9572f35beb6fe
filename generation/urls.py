from django.urls import path

from generation import delivery, views

urlpatterns = [
    path("text-to-image-generator", views.TextToImageView.as_view(), name="text-to-image-generator"),
    path("generations", views.GenerationListView.as_view(), name="generations"),
    path("generations/<uuid:id>", views.GenerationView.as_view(), name="generation"),
    path(
        "generations/<uuid:id>/images/<int:index>",
        delivery.GenerationImageView.as_view(),
        name="generation-image",
    ),
    path("capabilities", views.CapabilitiesView.as_view(), name="capabilities"),
]
