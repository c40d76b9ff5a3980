"""The interval of one mean or difference from few passages, templates or items.

With few units the percentiles of the draws are too narrow: three passages have hardly any
different draws. Below 30 units the interval is Student's t with the draws' standard error
instead; from 30 on the two agree within 5 %, and percentiles may be lopsided where the data are.
"""

import numpy as np

from core.stats.bootstrap import Floats, span_of
from core.stats.span import Span

ENOUGH = 30
# The 97.5 % quantiles of t with 1 … 28 degrees of freedom: scipy would cost the page a second.
T_QUANTILES = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
    2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484,
)  # fmt: skip


def span_by_units(value: float, samples: Floats, units: int) -> Span | None:
    """The 95 % interval of `value`, drawn `samples` from so many units; None below two."""
    if units >= ENOUGH:
        return span_of(samples)
    if units < 2 or samples.size == 0 or bool(np.isnan(samples).any()):
        return None
    reach = T_QUANTILES[units - 2] * float(samples.std(ddof=1))
    return Span(value - reach, value + reach)
