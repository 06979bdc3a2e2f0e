"""A Spark Connect server for the linkage."""

from tests.entitlement.conftest import sail, spark

__all__ = ["sail", "spark"]
