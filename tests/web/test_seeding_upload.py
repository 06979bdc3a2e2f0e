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
    # whoever forgets the tick does not send the file again; nobody else can use what waits, and of somebody who may not hand lists
    # in nothing is kept
    before |= {path.name for path in keeping.folder().iterdir()}
    token = hand_in("district").context["token"]
    address = "/desk/seeding/departments/food/upload"
    form = {"held": token, "lawful": "yes"}
    assert client_of("state").post(address, form).status_code == 200
    # the same bytes are the list that is there
    again = client_of("district").post(address, form)
    assert again.headers["Location"] == f"/desk/seeding/lists/{found.key}/columns"
    assert hand_in("gp", lawful="yes").status_code in (400, 403)
    assert {path.name for path in keeping.folder().iterdir()} == before
    # a list without figures is shown like any other, whatever became of it
    for one in SeedList.State.values:
        SeedList.objects.filter(pk=found.pk).update(state=one, converged_at=found.asked_at)
        for page in (
            "/desk/seeding/",
            "/desk/seeding/departments/food/",
            f"/desk/seeding/lists/{found.key}/",
        ):
            assert client_of("district").get(page).status_code == 200, (page, one)
    # its columns are doubted: the figures and the first rows, then once more
    SeedList.objects.filter(pk=found.pk).update(
        state="refused",
        details={"columns": {"domain_id": "card no", "name": "name"}, "day_order": "dmy"},
        counts={"rows": 100, "compared": 100, "matched": 3, "usual": 60, "doubts": [["few_found", "", 3]]},
    )
    confirm = f"/desk/seeding/lists/{found.key}/confirm"
    shown = client_of("district").get(confirm).content.decode()
    assert "3 of 100 rows" in shown
    assert shown.count("Sita Bai") == 5
    assert client_of("district").post(confirm).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.details["confirmed_by"]) == ("queued", "district")
    keeping.destroy(found.key, "upload")
