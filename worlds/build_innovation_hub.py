#!/usr/bin/env python3
"""Writes worlds/innovation-hub.json, the demo hub.

    python3 worlds/build_innovation_hub.py            writes the world
    python3 worlds/build_innovation_hub.py --check    says whether it is up to date, writes nothing

The JSON is what the server loads. These scripts are its source: one file a space in innovation_hub/, furniture.py and
kit.py for what they share. Whoever edits the JSON by hand instead should know that the next run overwrites it.
Standard library only; every run writes the same bytes.
"""
import sys
from pathlib import Path

from innovation_hub import foyer, hall, lab, living_lab, office, showroom, training
from innovation_hub.kit import pretty, text

WORLD = Path(__file__).resolve().parent / "innovation-hub.json"


def world():
    spaces = [foyer, office, showroom, lab, hall]
    return {
        "$schema": "./world.schema.json", "format": 1, "id": "innovation-hub",
        "title": text("Digital Innovation Hub", "Digital Innovation Hub"),
        "description": text(
            "Der digitale Teil des Digital Innovation Hub: ein Haus zum Arbeiten, Zeigen, Lernen und Ausprobieren, mit "
            "einem Reallabor vor der Tür. Offen für Wirtschaft, Wissenschaft, Verwaltung und alle, die in der Stadt leben.",
            "The digital side of the Digital Innovation Hub: a house to work, show, learn and try things out, with a "
            "living lab at its door. Open to business, science, administration and everybody who lives in the city."),
        "assets": "../assets-manifest/manifest.json",
        "start": {"space": "foyer", "spawn": "entrance"},
        "spaces": [space.build().document() for space in spaces]
        + [build().document() for build in training.ROOMS] + [living_lab.build().document()]}


def main(arguments):
    content = pretty(world()) + "\n"
    is_current = WORLD.is_file() and WORLD.read_text(encoding="utf-8") == content
    if "--check" in arguments:
        print("up to date" if is_current else f"out of date: {WORLD.name}")
        return 0 if is_current else 1
    WORLD.write_text(content, encoding="utf-8")
    print(f"wrote {WORLD.name}: {len(content)} characters")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
