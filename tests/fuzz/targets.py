"""Every decoder as a fuzz target: octets in; accepted, or a documented error; nothing else.

A check returns, or it has found something: any exception that leaves it is a finding. What a check accepts it also
takes apart, and writes again where that is possible. A decoder that takes more than octets finds the rest in the first
few of them. Seeds are good inputs of a target, to begin from. The same checks run under Hypothesis in
``test_targets.py`` and the files beside it, and under atheris with ``python -m tests.fuzz.run``; so nothing here needs
more than msgcore.
"""

from tests.fuzz import answers, encoding, files, mdr, receiver, tpdu, wire
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    **encoding.TARGETS, **tpdu.TARGETS, **wire.TARGETS, **files.TARGETS, **receiver.TARGETS, **mdr.TARGETS,
    **answers.TARGETS,
}  # fmt: skip
