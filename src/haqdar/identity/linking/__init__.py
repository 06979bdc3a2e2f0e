"""Which records are one person: duplicates within the register, and the residents behind the rows of a list.

    records.py   a table of people → the keys that are compared (names by sound, dates, places)
    model.py     what is compared, in which levels, what a level weighs; which pairs are compared at all
    models/      the trained weights and thresholds, one file a model
    scoring.py   Splink: candidate pairs, their weights, bands and evidence
    spark.py     the same comparison on a Spark Connect cluster
    register.py  the register read for linkage
    deduping.py  `dedupe`: the whole register by district and across districts, written as pairs
    matching.py  `match`: a department's list against the register
    words.py     fields and levels in Hindi and English

The machine finds and explains; people judge (`identity.pairs`).
"""

from haqdar.identity.linking.deduping import Deduped, dedupe
from haqdar.identity.linking.matching import match
from haqdar.identity.linking.register import read_register

__all__ = ["Deduped", "dedupe", "match", "read_register"]
