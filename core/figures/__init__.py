"""Plotly figures from frames; nothing else draws."""
