"""The load tester's report fits its schema, says what its histograms say, and reads back."""

import json
import math
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
HUB = Path(os.environ.get("HUB_BINARY", ROOT / ".build" / "debug" / "hub"))
LOADTEST = HUB.with_name("hub-loadtest")
SCHEMA = json.loads((ROOT / "loadtest" / "report.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def distributions(value, path=()):
    if isinstance(value, dict):
        if "histogram" in value:
            yield path, value
        else:
            for key, item in value.items():
                yield from distributions(item, path + (key,))


def described(schema, path=""):
    for key, value in schema.get("properties", {}).items():
        if "description" not in value and "$ref" not in value:
            yield path + key
        yield from described(value, path + key + ".")


@pytest.fixture(scope="module")
def hub():
    process = subprocess.Popen(
        [str(HUB), "serve", "--world", str(ROOT / "worlds" / "innovation-hub.json"), "--port", "0",
         "--admin", "127.0.0.1:0"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    pages = re.findall(r"http://\S+?:(\d+)", process.stdout.readline())
    yield [int(port) for port in pages]
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture(scope="module")
def run(hub, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.json"
    done = subprocess.run(
        [str(LOADTEST), "--url", f"ws://127.0.0.1:{hub[0]}/ws", "--metrics", f"http://127.0.0.1:{hub[1]}/metrics",
         "--avatars", "8", "--seconds", "3", "--json", str(path)],
        capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return path, json.loads(path.read_text()), done.stdout


def test_the_schema_is_one_and_describes_every_key():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    parts = [SCHEMA, *SCHEMA["$defs"].values()]
    assert [key for part in parts for key in described(part)] == []


def test_a_report_fits(run):
    assert [f"{list(e.path)}: {e.message}" for e in VALIDATOR.iter_errors(run[1])] == []


@pytest.mark.parametrize("change", [
    lambda r: r.pop("timeline"),
    lambda r: r["server"].update(cpuCores="much"),
    lambda r: r["stalenessMs"]["histogram"]["counts"].append([1]),
    lambda r: r.update(surprise=1),
    lambda r: r["timeline"]["here"].append(-1),
])
def test_a_broken_report_does_not(run, change):
    report = json.loads(json.dumps(run[1]))
    change(report)
    assert not VALIDATOR.is_valid(report)


def test_figures_are_those_of_the_histograms(run):
    found = dict(distributions(run[1]))
    assert len(found) >= 12
    for path, figure in found.items():
        counts = figure["histogram"]["counts"]
        assert sum(count for _, count in counts) == figure["count"], path
        assert [value for value, _ in counts] == sorted({value for value, _ in counts}), path
        if not figure["count"]:
            assert figure["p99"] is None
            continue
        values = [value for value, count in counts for _ in range(count)]
        for key, percent in [("p50", 50), ("p95", 95), ("p99", 99)]:
            rank = max(1, math.ceil(percent * len(values) / 100 - 1e-9))
            expected = min(values[rank - 1] * figure["histogram"]["unit"], figure["max"])
            assert math.isclose(figure[key], expected, abs_tol=2e-6), (path, key)


def test_every_second_has_its_figures(run):
    timeline = run[1]["timeline"]
    lengths = {key: len(values) for key, values in timeline.items()}
    assert set(lengths.values()) == {3}, lengths
    assert all(here == 8 for here in timeline["here"])
    assert any(cores is not None and cores > 0 for cores in timeline["serverCpuCores"])


def test_a_report_reads_back_as_the_same(run, tmp_path):
    path, report, table = run
    again = tmp_path / "again.json"
    done = subprocess.run(
        [str(LOADTEST), "show", str(path), "--json", str(again)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and done.stdout == table
    assert again.read_text() == path.read_text()


@pytest.mark.parametrize("text,place", [
    ("{", "1:"), ('{\n "format": 1,\n "format": 1}', "3:"), ("[]", "1:1"), ('{"format": 2}', "1:1"), ("", "1:1"),
])
def test_files_that_are_no_report_are_refused_with_their_place(tmp_path, text, place):
    path = tmp_path / "broken.json"
    path.write_text(text)
    done = subprocess.run([str(LOADTEST), "show", str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 64
    assert f"{path}:{place}" in done.stderr
