"""The centre column that prompts, results, answers and composer share."""

from __future__ import annotations

WIDEST = 760
PADDING = 24
HANG = 8
"""How far flat buttons stand out of the column, so that their icons, not their edges, are in line."""


def side_margin(width: int) -> int:
    """What stays free at each side of the column in a pane of this width."""
    return max(PADDING, (width - WIDEST) // 2)
