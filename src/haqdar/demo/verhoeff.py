"""The Verhoeff check digit cut into tables, so that an engine can compute it for whole columns.

Reading a number from the right, each digit becomes an element of the dihedral group of ten; the product must be
zero. Since the product is associative, the four low digits and everything above them can be looked up apart.
"""


def _times(a: int, b: int) -> int:
    """The product in the dihedral group of ten: 0–4 turns, 5–9 reflections."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


_STEP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _moved(position: int, digit: int) -> int:
    for _ in range(position % 8):
        digit = _STEP[digit]
    return digit


def _product(digits: str, first_position: int) -> int:
    value = 0
    for position, digit in enumerate(reversed(digits), first_position):
        value = _times(value, _moved(position, int(digit)))
    return value


def aadhaar_tables() -> tuple[list[int], list[int], list[int]]:
    """(low, high, close) for numbers 9999 + seven digits + check digit.

    `close[10 * low[serial % 10000] + high[serial // 10000]]` is the check digit of the serial.
    """
    low = [_product(f"{n:04d}", 1) for n in range(10_000)]
    high = [_product(f"9999{n:03d}", 5) for n in range(1_000)]
    close = [next(c for c in range(10) if _times(c, _times(a, b)) == 0) for a in range(10) for b in range(10)]
    return low, high, close
