"""The small State of the page tests serves here too."""

from tests.web.conftest import built_assets, client_of, state

__all__ = ["built_assets", "client_of", "state"]
