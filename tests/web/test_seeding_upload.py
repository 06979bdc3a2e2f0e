"""A list is sealed while it arrives, for whoever may hand one in; for everybody else a form stays as small as ever."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.web.seed_lists import seed_list

from haqdar.identity.models import SeedList
from haqdar.identity.seeding import keeping
from haqdar.web import uploads

CSV = "card no,name\n" + "".join(f"RC{at},Sita Bai\n" for at in range(100))


def test_a_list_arrives_sealed(
    client_of: Callable[..., Client], state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_list("/23/", state["members"]["40111"][:1])
    monkeypatch.setattr(uploads, "MOST_BYTES", 500)
    before = {path.name for path in keeping.folder().iterdir()}

    def hand_in(who: str, **more: str) -> Any:
        file = SimpleUploadedFile("ration.csv", CSV.encode())
        return client_of(who).post("/desk/seeding/departments/food/upload", {"file": file, **more})

    answer = hand_in("district", lawful="yes")
    found = SeedList.objects.get(file_name="ration.csv")
    assert answer.headers["Location"] == f"/desk/seeding/lists/{found.key}/columns"
    assert found.area_code == "401"
    assert b"Sita" not in keeping.path_of(found.key, "upload").read_bytes()
    with keeping.opened(found.key, "upload") as file:
        assert file.read() == CSV.encode()
    page = client_of("district").get(answer.headers["Location"]).content.decode()
    assert "Sita Bai" in page
    # without the confirmation nothing is kept; nor is anything of somebody who may not hand lists in
    assert hand_in("district").status_code == 200
    assert hand_in("gp", lawful="yes").status_code in (400, 403)
    assert {path.name for path in keeping.folder().iterdir()} - before == {f"{found.key}.upload"}
    keeping.destroy(found.key, "upload")
