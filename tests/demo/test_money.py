"""The demonstration bank answers in the bank's own format: about two of a hundred come back, the same ones each time."""

from haqdar.demo.money import answer_of


def file_of(count: int) -> bytes:
    """A file of 306 characters with so many credits of 300 rupees."""
    head = f"{'12':<112}{count * 30000:013d}{'01102016':<113}{count:09d}".ljust(306)
    lines = [
        f"{'23':<31}{'SUNITA BAI':<89}{30000:013d}".ljust(231) + f"{number:030d}".ljust(75)
        for number in range(count)
    ]
    return ("\n".join([head, *lines]) + "\n").encode()


def test_the_demonstration_bank_returns_about_two_of_a_hundred() -> None:
    answer = answer_of(file_of(5000))
    assert answer == answer_of(file_of(5000))
    head, *lines = answer.decode().splitlines()
    assert {len(line) for line in (head, *lines)} == {306}
    back = [line for line in lines if line[153] == "0"]
    assert 60 <= len(back) <= 140 and all(line[154:156] != "00" for line in back)
    assert 4950 <= len(lines) < 5000, "some get no answer yet"
    assert (int(head[112:125]), int(head[238:247])) == (len(lines) * 30000, len(lines))
    assert len({line[133:143] for line in lines}) == len(lines)
