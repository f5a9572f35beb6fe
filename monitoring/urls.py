from django.urls import path

from monitoring import views

urlpatterns = [
    path("health-check", views.HealthCheckView.as_view(), name="health-check"),
    path("live", views.LiveView.as_view(), name="live"),
    path("ready", views.ReadyView.as_view(), name="ready"),
]
