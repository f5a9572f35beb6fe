from django.urls import path

from monitoring import views

urlpatterns = [path("health-check", views.HealthCheckView.as_view(), name="health-check")]
