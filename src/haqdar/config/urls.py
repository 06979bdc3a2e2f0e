"""All addresses of the site: the pages of `web`, and a health answer for monitors."""

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.http import require_safe


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"database": "ok"})


urlpatterns = [path("health", health, name="health"), path("", include("haqdar.web.urls"))]
handler400 = "haqdar.web.errors.bad_request"
handler403 = "haqdar.web.errors.permission_denied"
handler404 = "haqdar.web.errors.page_not_found"
handler500 = "haqdar.web.errors.server_error"
