"""What the chaos scripts of the edge share: the protocol tests' client and hub, and one way to end."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Protocol"))

from conftest import BINARY, REPOSITORY, WORLD, Hub, start_hub, stop_hub  # noqa: E402, F401
from hubclient import HubClient  # noqa: E402, F401


def run(main) -> None:
    """Runs `main(scratch)`; a failed assertion is the script's failure."""
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(main(Path(scratch)))


def quantiles(values: list[float]) -> str:
    ordered = sorted(values)
    return f"p50 {ordered[len(ordered) // 2]:.2f} s, p99 {ordered[int(len(ordered) * 0.99)]:.2f} s, max {ordered[-1]:.2f} s"
