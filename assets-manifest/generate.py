#!/usr/bin/env python3
"""Writes the hub's own assets and their manifest: models (glTF binary) and pictures (PNG), all CC0-1.0.

    python3 assets-manifest/generate.py            writes the files beside this script
    python3 assets-manifest/generate.py --check    says whether they are up to date, writes nothing

Standard library only; every run writes the same bytes. Models are in models.py, pictures in
pictures.py; meshes.py and raster.py write their files.
"""
import hashlib
import json
import sys
from pathlib import Path

import models
import pictures

HERE = Path(__file__).resolve().parent

# id: (content, German alternative, English alternative)
MODELS = {
    "plant-tall": (models.plant_tall, "Hohe Zimmerpflanze mit großen Blättern in einem hellen Topf",
                   "Tall house plant with large leaves in a pale pot"),
    "plant-low": (models.plant_low, "Kleine Grünpflanze in einem Tontopf", "Small green plant in a terracotta pot"),
    "tree-round": (models.tree_round, "Laubbaum mit runder, dichter Krone", "Broadleaf tree with a round, dense crown"),
    "tree-birch": (models.tree_birch, "Birke mit hellem Stamm und lichter Krone",
                   "Birch with a pale trunk and an airy crown"),
    "shrub": (models.shrub, "Blühender Strauch", "Flowering shrub"),
    "chair-teal": (lambda: models.chair(("matte", "#2f7f7b")), "Holzstuhl mit petrolfarbener Sitzschale",
                   "Wooden chair with a teal seat"),
    "chair-ochre": (lambda: models.chair(("matte", "#d39a3f")), "Holzstuhl mit ockerfarbener Sitzschale",
                    "Wooden chair with an ochre seat"),
    "chair-berry": (lambda: models.chair(("matte", "#9a4f66")), "Holzstuhl mit beerenfarbener Sitzschale",
                    "Wooden chair with a berry-coloured seat"),
    "office-chair": (models.office_chair, "Grüner Bürodrehstuhl mit Armlehnen", "Green swivel chair with armrests"),
    "armchair": (models.armchair, "Gepolsterter Sessel in warmem Orange", "Upholstered armchair in warm orange"),
    "stool": (models.stool, "Runder Holzhocker", "Round wooden stool"),
    "desk": (models.desk, "Schreibtisch mit Bildschirm, Tastatur und Tasse",
             "Desk with a screen, a keyboard and a mug"),
    "desk-lamp": (models.desk_lamp, "Tischlampe mit grünem Schirm", "Desk lamp with a green shade"),
    "pendant-lamp": (models.pendant_lamp, "Hängelampe mit warmem Licht", "Pendant lamp with warm light"),
    "floor-lamp": (models.floor_lamp, "Stehlampe mit warmem Licht", "Floor lamp with warm light"),
    "bookshelf": (models.bookshelf, "Bücherregal mit bunten Buchrücken", "Bookshelf with colourful spines"),
    "concept-car": (models.concept_car, "Modell eines kleinen roten Elektroautos", "Model of a small red electric car"),
    "sculpture": (models.sculpture, "Skulptur aus gedrehten Metallstäben, die wie ein Datenstrom aufsteigen",
                  "Sculpture of twisting metal bars that rise like a stream of data"),
    "printer-3d": (models.printer_3d, "3-D-Drucker mit gelbem Rahmen, der eine Vase druckt",
                   "3-D printer with a yellow frame, printing a vase"),
    "robot-arm": (models.robot_arm, "Weißer Roboterarm mit gelben Gelenken", "White robot arm with yellow joints"),
    "tram": (models.tram, "Grün-weiße Straßenbahn mit gelben Türen", "Green and white tram with yellow doors"),
    "bicycle": (models.bicycle, "Gelbes Leihrad mit Holzkiste", "Yellow hire bicycle with a wooden box"),
    "park-bench": (models.park_bench, "Parkbank aus Holz", "Wooden park bench"),
    "street-lamp": (models.street_lamp, "Straßenlaterne mit Messgerät", "Street lamp with a measuring box"),
    "delivery-robot": (models.delivery_robot, "Kleiner Lieferroboter auf sechs Rädern",
                       "Small delivery robot on six wheels"),
}
PICTURES = {
    "picture-mobility": (pictures.mobility_map,
                         "Stadtplan mit drei farbigen Buslinien, die sich am Hub treffen",
                         "City map with three coloured bus lines that meet at the hub"),
    "picture-energy": (pictures.energy_day,
                       "Kurven eines Tages: Solarstrom ist mittags am höchsten, der Verbrauch morgens und abends",
                       "Curves of one day: solar power peaks at noon, use peaks in the morning and evening"),
    "picture-heat": (pictures.city_green,
                     "Wärmekarte aus farbigen Feldern: Parks und Fluss sind kühl, dichte Viertel heiß",
                     "Heat map of coloured squares: parks and the river are cool, dense quarters hot"),
}


def files():
    """Path to bytes, the manifest last."""
    written, entries = {}, []
    for catalogue, folder, ending, media_type in (
            (MODELS, "models", "glb", "model/gltf-binary"), (PICTURES, "pictures", "png", "image/png")):
        for asset_id, (content, german, english) in catalogue.items():
            data = content()
            data = data.glb() if folder == "models" else data.png()
            path = f"{folder}/{asset_id}.{ending}"
            written[path] = data
            entries.append({
                "id": asset_id, "path": path, "mediaType": media_type, "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(), "licence": "CC0-1.0", "source": "generate.py",
                "alt": {"de": german, "en": english}})
    manifest = json.dumps({"format": 1, "assets": entries}, indent=2, ensure_ascii=False) + "\n"
    written["manifest.json"] = manifest.encode()
    return written


def main(arguments):
    content = files()
    stale = [path for path, data in content.items()
             if not (HERE / path).is_file() or (HERE / path).read_bytes() != data]
    if "--check" in arguments:
        print("\n".join(f"out of date: {path}" for path in stale) or "up to date")
        return 1 if stale else 0
    for path, data in content.items():
        (HERE / path).parent.mkdir(exist_ok=True)
        (HERE / path).write_bytes(data)
    print(f"wrote {len(stale)} changed files")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
