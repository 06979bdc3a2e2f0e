"""All pages: citizens at the root, officers under /desk/."""

from django.urls import include, path

urlpatterns = [
    path("", include("haqdar.web.citizen.urls")),
    path("desk/", include("haqdar.web.desk.urls")),
]
