"""The figures of control programs are judged; the rest is measured on a wire by `python -m bench.takeover`."""

import pytest

from bench.takeover import CONTROL, CONTROL_MS, PLAIN, THEIRS, controls, too_slow


@pytest.mark.parametrize(("usual", "slow"), [(CONTROL_MS - 1, False), (CONTROL_MS + 1, True)])
def test_the_median_of_vrrpctl_decides(usual: float, slow: bool) -> None:
    """One call that a busy machine held up is not what an operator sees."""
    samples = {CONTROL: [usual, usual, 500.0], PLAIN: [12.0] * 3, THEIRS: [5.0] * 3}
    assert too_slow(samples) is slow
    assert f"| `{CONTROL}` | {usual:.2f} / {usual:.2f} / 500.00 |" in controls(samples)
    assert controls(samples).endswith(f"is {'slower than' if slow else 'within'} {CONTROL_MS:g} ms.")
