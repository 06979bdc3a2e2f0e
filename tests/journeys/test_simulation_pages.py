"""Proposals and simulations in a real browser: both languages, phone and desk, errors included."""

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext
from tests.journeys.test_pages import Look, _log_in, context, state  # noqa: F401


def test_pages_of_proposals(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],  # noqa: F811
    screenshots: Path | None,
    tmp_path: Path,
    settings: Any,
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    _log_in(page, "state")
    look.at("/desk/proposals/", "proposals")
    look.at("/desk/proposals/widow-500/", "proposal")
    page.fill("#month", "soon")
    page.click("main .govuk-button--next")
    look.here("proposal-error")
    number = state["simulation"]
    page.goto(f"/desk/simulations/{number}/")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    look.here("simulation")
    look.at(f"/desk/simulations/{number}/people/?outcome=gain", "simulation-people")
    look.at(f"/desk/simulations/{number}/people/?outcome=lose", "simulation-nobody")
    look.at(f"/desk/simulations/{number + 1}/", "simulation-failed")
    assert not look.problems, "\n".join(look.problems)


def test_empty_page_says_what_a_proposal_is(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],  # noqa: F811
    tmp_path: Path,
    settings: Any,
) -> None:
    from tests.simulation.trials import law_with

    from haqdar.entitlement.models import SimulationRun

    law = law_with(tmp_path, {"schemes/w.yaml": "code: IGNWPS\namount: [{when: age >= 50, pay: 5}]\n"})
    settings.HAQDAR_LAW = law
    page = context.new_page()
    look = Look(page, None)
    _log_in(page, "state")
    look.at("/desk/proposals/trial/", "proposal-broken")
    assert page.locator("pre").count() == 1
    assert page.locator("button[name=simulate]").count() == 0
    SimulationRun.objects.all().delete()
    for folder in (law / "proposals").iterdir():
        folder.rename(tmp_path / folder.name)
    look.at("/desk/proposals/", "proposals-empty")
    assert page.locator(".empty").count() == 2
    assert not look.problems, "\n".join(look.problems)
