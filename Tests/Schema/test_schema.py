"""`hub check` and the JSON Schemas agree on worlds and manifests, and every fault is told where it is.

Tests/Worlds/expected.json says of each broken file where its one fault is (steps of the path; `atKey`: the key, not
the value), words of the message, and whether the schema sees it too or `hub check` alone.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
WORLDS = ROOT / "Tests" / "Worlds"
HUB = Path(os.environ.get("HUB_BINARY", ROOT / ".build" / "debug" / "hub"))
EXPECTED = json.loads((WORLDS / "expected.json").read_text())
FINDING = re.compile(r"^(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<message>.+)$")


def validator(path):
    schema = json.loads((ROOT / path).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


WORLD = validator("worlds/world.schema.json")
MANIFEST = validator("assets-manifest/manifest.schema.json")


def schema_for(document):
    return WORLD if "spaces" in document or "start" in document else MANIFEST


def check(*paths):
    done = subprocess.run([str(HUB), "check", *map(str, paths)], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def place(text, steps, at_key):
    """Line and column of a value, or its key: a scanner of its own, on top of the standard library's decoder."""
    decoder = json.JSONDecoder()

    def skip(at, more=""):
        while text[at] in " \t\r\n" + more:
            at += 1
        return at

    at = skip(0)
    key_at = at
    for step in steps:
        container, at = text[at], skip(at + 1)
        index = 0
        while True:
            if container == "{":
                key_at = at
                key, at = decoder.raw_decode(text, at)
                at = skip(at, ":")
                found = key == step
            else:
                found = index == step
            if found:
                break
            _, at = decoder.raw_decode(text, at)
            at = skip(at, ",")
            index += 1
    at = key_at if at_key else at
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def files(folder):
    return sorted((WORLDS / folder).glob("*.json"))


@pytest.mark.parametrize("path", files("good"), ids=lambda p: p.stem)
def test_good_files_pass_both(path):
    code, lines = check(path)
    assert (code, len(lines)) == (0, 1), lines
    assert lines[0].startswith(f"{path}: ok")
    document = json.loads(path.read_text())
    assert list(schema_for(document).iter_errors(document)) == []


def test_every_broken_file_is_described():
    # manifest.json is the sound one that the broken worlds name.
    assert {p.stem for p in files("broken")} - {"manifest"} == set(EXPECTED)
    assert len(EXPECTED) >= 40


@pytest.mark.parametrize("name", EXPECTED)
def test_broken_files_fail_with_their_one_fault_in_its_place(name):
    path = WORLDS / "broken" / f"{name}.json"
    expected = EXPECTED[name]
    code, lines = check(path)
    assert code == 1
    found = [FINDING.match(line) for line in lines]
    assert all(found), lines
    here = [f for f in found if f["file"] == str(path)]
    # A cycle is told at each of its nodes; everything else once.
    assert len(here) == (2 if name == "cycle-of-two" else 1), lines
    text = path.read_text()
    where = tuple(expected["syntax"]) if "syntax" in expected else place(
        text, expected["at"], expected.get("atKey", False)
    )
    assert (int(here[0]["line"]), int(here[0]["column"])) == where, lines
    assert expected["words"] in here[0]["message"]


@pytest.mark.parametrize("name", [n for n, e in EXPECTED.items() if "schema" in e])
def test_schema_sees_what_it_can(name):
    document = json.loads((WORLDS / "broken" / f"{name}.json").read_text())
    is_valid = schema_for(document).is_valid(document)
    assert is_valid != EXPECTED[name]["schema"]


def test_all_faults_of_meaning_are_told_at_once(tmp_path):
    document = json.loads((WORLDS / "good" / "small.json").read_text())
    del document["assets"]
    document["id"] = "Not An Id"
    document["spaces"][0]["nodes"][1]["position"] = [1]
    document["spaces"][1]["capacity"] = -4
    document["start"]["spawn"] = "nowhere"
    path = tmp_path / "many.json"
    path.write_text(json.dumps(document, indent=1))
    code, lines = check(path)
    assert code == 1
    for words in ["Not An Id", "spaces[0].nodes[1].position: ", "spaces[1].capacity: ", "start.spawn: ", "no asset"]:
        assert any(words in line for line in lines), (words, lines)
    places = [tuple(map(int, FINDING.match(line).group("line", "column"))) for line in lines]
    assert places == sorted(places)


def test_several_files_are_told_apart_and_all_checked():
    code, lines = check(WORLDS / "good" / "small.json", WORLDS / "good" / "manifest.json")
    assert code == 0
    assert "world" in lines[0] and "manifest" in lines[1]
    code, lines = check(WORLDS / "broken" / "format-unknown.json", WORLDS / "good" / "minimal.json")
    assert code == 1 and len(lines) == 2


@pytest.mark.parametrize("text", ["[]", "{}", "7", '"x"', '{"assets": "x"}'])
def test_other_documents_are_refused(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    code, lines = check(path)
    assert code == 1 and lines and all(FINDING.match(line) for line in lines)


def test_files_that_cannot_be_read_are_findings(tmp_path):
    code, lines = check(tmp_path / "absent.json")
    assert code == 1 and "absent.json:0:0: No such file" in lines[0]
    code, lines = check(tmp_path)
    assert code == 1 and "not a regular file" in lines[0]


@pytest.mark.parametrize("path", sorted((ROOT / "worlds").glob("*.json")), ids=lambda p: p.name)
def test_shipped_worlds_pass_both(path):
    if path.name.endswith(".schema.json"):
        pytest.skip("a schema")
    assert check(path)[0] == 0
    document = json.loads(path.read_text())
    assert list(schema_for(document).iter_errors(document)) == []


def test_the_example_for_authors_passes_both(tmp_path):
    guide = (ROOT / "docs" / "WORLDS.md").read_text()
    example = re.search(r"```json\n(.*?)```", guide, re.DOTALL).group(1)
    path = tmp_path / "example.json"
    path.write_text(example)
    assert check(path)[0] == 0
    assert WORLD.is_valid(json.loads(example))
