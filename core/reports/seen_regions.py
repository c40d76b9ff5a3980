"""The 95 % regions of the plane in each view, from the draws that compare all λ.

    regions(together, "difference")        λ → ellipse around its difference to λ=1

A difference is drawn as such, λ by λ in each resample, so its region is that of the paired
difference; λ=1 itself is 0 by definition and has none. Above chance there is none: the
draws are of plain accuracy.
"""

from collections.abc import Mapping

import numpy as np

from core.lam import Lam
from core.reports.measures import PERCENT
from core.reports.together import Together
from core.reports.views import View
from core.stats.bootstrap import Floats
from core.stats.draws import Draws
from core.stats.ellipse import Ellipse, upright

_Seen = tuple[Floats, Floats]  # values (columns), samples (resamples × columns)


def regions(compared: Together, view: View) -> Mapping[Lam, Ellipse]:
    """Empty where the view has no regions."""
    if view == "absolute":
        return {one.lam: one.region for one in compared.standings if one.region is not None}
    if view == "corrected" or compared.one is None:
        return {}
    icl = _seen(compared.icl, compared.one, view)
    follow = _seen(compared.follow, compared.one, view)
    if icl is None or follow is None:
        return {}
    found = ((lam, _region(icl, follow, at)) for at, lam in enumerate(compared.lams))
    return {lam: region for lam, region in found if region is not None}


def _seen(drawn: Draws, one: int, view: View) -> _Seen | None:
    """None where a percentage would be of nothing."""
    values = drawn.values - drawn.values[one]
    samples = drawn.samples - drawn.samples[:, [one]]
    if view == "difference":
        return values, samples
    if not drawn.values[one] > 0 or not (drawn.samples[:, one] > 0).all():
        return None
    return PERCENT * values / drawn.values[one], PERCENT * samples / drawn.samples[:, [one]]


def _region(icl: _Seen, follow: _Seen, at: int) -> Ellipse | None:
    errors = [float(np.std(samples[:, at], ddof=1)) for _, samples in (icl, follow)]
    if min(errors) == 0.0:
        return None
    return upright(float(icl[0][at]), float(follow[0][at]), *errors)
