"""Addresses of household cards."""

from django.urls import path

from haqdar.web.desk.views import cards

CARDS_URLS = [
    path("families/<uuid:key>/card/", cards.card_detail, name="card-detail"),
    path("families/<uuid:key>/card/issue", cards.card_issue, name="card-issue"),
    path("families/<uuid:key>/card/document", cards.card_document, name="card-document"),
    path("families/<uuid:key>/card/withdraw", cards.card_withdraw, name="card-withdraw"),
    path("cards/", cards.card_print, name="card-print"),
    path("cards/prints/<uuid:key>/", cards.card_print_detail, name="card-print-detail"),
    path("cards/prints/<uuid:key>/sheets/<int:number>", cards.card_sheet, name="card-sheet"),
    path("cards/prints/<uuid:key>/download", cards.card_print_download, name="card-print-download"),
]
