from django.urls import path

from monitoring import staff_views, views

urlpatterns = [
    path("health-check", views.HealthCheckView.as_view(), name="health-check"),
    path("system-monitoring", staff_views.SystemMonitoringView.as_view(), name="system-monitoring"),
    path("metrics", staff_views.MetricsView.as_view(), name="metrics"),
    path("live", views.LiveView.as_view(), name="live"),
    path("ready", views.ReadyView.as_view(), name="ready"),
]
