"""The one file of what was simulated."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.scaling.capacity import Carried
from bench.scaling.foretelling import Foretold


@dataclass
class Simulated:
    """`carried` by many nodes, `hottest` by one conversation, and what was `foretold` of the runs, in their order."""

    carried: list[Carried] = field(default_factory=list)
    hottest: list[Carried] = field(default_factory=list)
    foretold: list[Foretold] = field(default_factory=list)

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")


def load_simulated(path: Path) -> Simulated:
    read = json.loads(path.read_text())
    return Simulated(
        [Carried(**one) for one in read["carried"]],
        [Carried(**one) for one in read["hottest"]],
        [Foretold(**one) for one in read["foretold"]],
    )
