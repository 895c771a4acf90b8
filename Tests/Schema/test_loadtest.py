"""Scenario files fit their schema and are told apart from broken ones; a trace says what the report says; planted faults show."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
HUB = Path(os.environ.get("HUB_BINARY", ROOT / ".build" / "debug" / "hub"))
LOADTEST = HUB.with_name("hub-loadtest")
SCENARIOS = ROOT / "loadtest" / "scenarios"
SCHEMA = json.loads((SCENARIOS / "scenario.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FILES = sorted(path for path in SCENARIOS.glob("*.json") if not path.name.endswith(".schema.json"))


def loadtest(*arguments, **keys):
    return subprocess.run(
        [str(LOADTEST), *map(str, arguments)], capture_output=True, text=True, timeout=240, **keys)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenarios_fit_their_schema(path):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    scenario = json.loads(path.read_text())
    VALIDATOR.validate(scenario)
    assert scenario["name"] == path.stem


@pytest.mark.parametrize(
    "change", [{"motion": {"moverShare": 2, "pauseMeanSeconds": 1}}, {"format": 2}, {"surprise": 1}, {"avatars": "many"},
               {"hostile": {"share": 0.1, "kinds": ["rude"]}}, {"arrivals": {"perSecond": 1}}, {"readers": {"slowShare": 1}}])
def test_what_the_schema_refuses_the_program_refuses(change, tmp_path):
    scenario = json.loads((SCENARIOS / "hall.json").read_text()) | change
    assert not VALIDATOR.is_valid(scenario)
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(scenario, indent=2))
    done = loadtest("--scenario", path, "--avatars", 1)
    assert done.returncode == 64
    assert re.search(r"broken\.json:\d+:\d+: ", done.stderr)


@pytest.mark.parametrize("side", [8, 40, 200, 500])
def test_a_bare_hall_passes_the_worlds_check(side, tmp_path):
    world = tmp_path / "hall.json"
    assert loadtest("world", "--side", side, "--output", world).returncode == 0
    done = subprocess.run([str(HUB), "check", str(world)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_too_few_descriptors_are_found_before_the_start():
    def few():
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))

    with running_hub() as (port, _):
        done = loadtest("--url", f"ws://127.0.0.1:{port}/ws", "--avatars", 500, preexec_fn=few)
    assert done.returncode == 1
    assert re.search(r"needs \d{3} file descriptors, but the limit is 200", done.stderr), done.stderr


class running_hub:
    def __enter__(self):
        self.process = subprocess.Popen(
            [str(HUB), "serve", "--world", str(ROOT / "worlds" / "innovation-hub.json"), "--port", "0",
             "--admin", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return [int(port) for port in re.findall(r"http://\S+?:(\d+)", self.process.stdout.readline())]

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)


def run(tmp_path, *arguments):
    report = tmp_path / "report.json"
    with running_hub() as (port, admin):
        done = loadtest(
            "--url", f"ws://127.0.0.1:{port}/ws", "--metrics", f"http://127.0.0.1:{admin}/metrics", "--json", report,
            *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(report.read_text())


def test_the_trace_alone_gives_the_reports_figures(tmp_path):
    trace = tmp_path / "run.trace"
    report = run(tmp_path, "--avatars", 30, "--seconds", 6, "--viewers", 6, "--trace", trace)
    assert report["visibility"]["expected"] > 100
    done = subprocess.run(
        [sys.executable, str(ROOT / "loadtest" / "tools" / "recompute.py"), str(trace), str(tmp_path / "report.json")],
        capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    # A report that says something else is found out.
    report["errorNowMeters"]["near"]["p99"] *= 1.5
    (tmp_path / "report.json").write_text(json.dumps(report))
    done = subprocess.run(
        [sys.executable, str(ROOT / "loadtest" / "tools" / "recompute.py"), str(trace), str(tmp_path / "report.json")],
        capture_output=True, text=True, timeout=240)
    assert done.returncode == 1 and "! errorNowMeters.near.p99" in done.stdout


def test_planted_faults_show_in_the_report(tmp_path):
    arguments = ("--scenario", "hall", "--avatars", 60, "--seconds", 10, "--viewers", 20)
    sound = run(tmp_path, *arguments)
    late = run(tmp_path, *arguments, "--fault", "delay=300ms")
    holes = run(tmp_path, *arguments, "--fault", "drop=30%")
    frozen = run(tmp_path, *arguments, "--fault", "freeze=10%")
    assert sound["faults"] == {"planted": None, "framesDropped": 0}
    assert late["frames"]["ageMs"]["p50"] > sound["frames"]["ageMs"]["p50"] + 200
    assert late["stalenessMs"]["p50"] > sound["stalenessMs"]["p50"] + 200
    assert late["errorNowMeters"]["moving"]["far"]["mean"] > sound["errorNowMeters"]["moving"]["far"]["mean"]
    assert holes["faults"]["framesDropped"] > 0
    assert holes["errorAlignedMeters"]["brokenMs"]["count"] > sound["errorAlignedMeters"]["brokenMs"]["count"]
    assert holes["errorAlignedMeters"]["broken"] / holes["errorAlignedMeters"]["checked"] > (
        2 * sound["errorAlignedMeters"]["broken"] / sound["errorAlignedMeters"]["checked"])
    # Frozen walkers are metres from where they are shown.
    assert frozen["errorNowMeters"]["moving"]["far"]["max"] > 1.5
    assert frozen["errorAlignedMeters"]["s2"]["max"] > 1.5 and sound["errorAlignedMeters"]["s2"]["p99"] < 1
