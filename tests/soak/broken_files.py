from pathlib import Path
import random
from tests.soak.verdicts import Verdict


def broken_outbox(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    raise NotImplementedError
