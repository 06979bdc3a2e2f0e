"""All pages: citizens at the root, officers under /desk/."""

from django.urls import include, path

from haqdar.web.open.api import api as open_api

urlpatterns = [
    path("", include("haqdar.web.citizen.urls")),
    path("desk/", include("haqdar.web.desk.urls")),
    path("open/", include("haqdar.web.open.urls")),
    path("api/open/v1/", open_api.urls),
]
