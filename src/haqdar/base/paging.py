"""Pages of long lists."""

from collections.abc import Sequence
from typing import Any, ClassVar


class Paged:
    """A page of a list: `rows` of `total`, `page` counted from 1, `PAGE` rows a page."""

    PAGE: ClassVar[int]
    rows: Sequence[Any]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.PAGE))

    @property
    def first(self) -> int:
        """Number of the first row shown, 0 when there is none."""
        return (self.page - 1) * self.PAGE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return (self.page - 1) * self.PAGE + len(self.rows)
