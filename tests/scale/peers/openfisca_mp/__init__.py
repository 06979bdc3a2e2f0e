"""The nine pensions as an OpenFisca tax-benefit system, written the way OpenFisca's own country template is.

Parameters are dated YAML, formulas are vectorised and restate the law in their docstrings. OpenFisca has no unknown: a value that
is not given is the default. So that rows can be compared, what may be missing is modelled: Enums have a member `unknown`,
`birth_known` says whether the date of birth is, and every pension has two answers, `…_eligible` (everything needed is known and
true) and `…_possible` (nothing known speaks against it). Possible but not eligible means that it cannot be decided.

The family condition comes in two forms. With `couples=True` there is a group entity Couple, as a modeller of OpenFisca would
write it; with `couples=False` the husband's facts are variables of the wife, the layout of the people's file, which spares
OpenFisca the aggregation and is the faster one.
"""

from pathlib import Path

from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from tests.scale.peers.openfisca_mp import entities

HERE = Path(__file__).parent


class PensionsOfMadhyaPradesh(TaxBenefitSystem):
    """The system; see the module for `couples`."""

    def __init__(self, couples: bool) -> None:
        super().__init__([entities.Person, entities.Couple] if couples else [entities.Person])
        self.add_variables_from_directory(str(HERE / "variables"))
        family = "couples_as_entities.py" if couples else "couples_as_columns.py"
        self.add_variables_from_file(str(HERE / family))
        self.load_parameters(str(HERE / "parameters"))
