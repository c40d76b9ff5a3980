"""The same figure for a wall: larger type and marks, nothing else changed.

presented(plane_figure(line, look)[0], 440)
"""

import plotly.graph_objects as go

TYPE, MARKS = 1.3, 1.35
TICK_PX, TITLE_PX = 15, 17


def presented(figure: go.Figure, height_px: int) -> go.Figure:
    """Enlarge it; values, windows and words stay."""
    figure.update_layout(height=height_px)
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        axis.tickfont.size, axis.title.font.size = TICK_PX, TITLE_PX
    for note in figure.layout.annotations:
        note.font.size = round(TYPE * (note.font.size or 12))
    for trace in figure.data:
        if "markers" in (trace.mode or ""):
            trace.marker.size = _larger(trace.marker.size)
    return figure


def _larger(size: float | tuple[float, ...]) -> float | list[float]:
    return [MARKS * one for one in size] if isinstance(size, tuple) else MARKS * size
