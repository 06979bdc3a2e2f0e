"""Addresses of what the banks answer: files of answers, returned credits, names that differ."""

from django.urls import path

from haqdar.web.desk.views import responses, returns

RESPONSES_URLS = [
    path("money/responses/", responses.response_list, name="response-list"),
    path("money/responses/read", responses.response_read, name="response-read"),
    path("money/responses/<uuid:key>/", responses.response_detail, name="response-detail"),
    path("money/responses/<uuid:key>/download", responses.response_download, name="response-download"),
    path("money/responses/<uuid:key>/lines/<int:line>/", responses.response_line, name="response-line"),
    path("money/returns/", returns.return_list, name="return-list"),
    path("money/returns/download", returns.return_download, name="return-download"),
    path("money/returns/again", returns.return_represent, name="return-represent"),
    path("money/returns/<uuid:key>/", returns.return_detail, name="return-detail"),
    path("money/returns/<uuid:key>/settled", returns.return_settled, name="return-settled"),
    path("money/returns/<uuid:key>/alive", returns.return_alive, name="return-alive"),
    path("money/names/", returns.name_list, name="name-list"),
    path("money/names/download", returns.name_download, name="name-download"),
    path("money/names/<uuid:key>/", returns.name_judge, name="name-judge"),
]
