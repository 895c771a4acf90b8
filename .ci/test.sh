#!/usr/bin/env bash
# Runs every suite in turn, prints what each said, and closes with one line that counts all tests.
# A suite that fails does not hide the ones after it.
set -uo pipefail
passed=0 failed=0 skipped=0
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# suite NAME COMMAND...: runs it, keeps its output, and counts by the runner's own closing line.
suite() {
  local name=$1 log="$logs/$1" code
  shift
  local begin=$SECONDS
  echo "== $name"
  "$@" 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  local p f s
  case $name in
    swift*)
      p=$(sed -nE 's/.*Test run with ([0-9]+) tests?.*/\1/p' "$log" | awk '{n+=$1} END {print n+0}')
      f=$(sed -nE 's/.*Test run with .* failed after .* with ([0-9]+) issues?.*/\1/p' "$log" | awk '{n+=$1} END {print n+0}')
      s=0 ;;
    javascript)
      p=$(sed -nE 's/^# pass ([0-9]+)|^ℹ pass ([0-9]+)/\1\2/p' "$log" | tail -1)
      f=$(sed -nE 's/^# fail ([0-9]+)|^ℹ fail ([0-9]+)/\1\2/p' "$log" | tail -1)
      s=$(sed -nE 's/^# skipped ([0-9]+)|^ℹ skipped ([0-9]+)/\1\2/p' "$log" | tail -1) ;;
    python*)
      p=$(grep -oE '[0-9]+ passed' "$log" | tail -1 | cut -d' ' -f1)
      f=$(grep -oE '[0-9]+ (failed|errors?)' "$log" | cut -d' ' -f1 | awk '{n+=$1} END {print n+0}')
      s=$(grep -oE '[0-9]+ skipped' "$log" | tail -1 | cut -d' ' -f1) ;;
    *) if [ "$code" -eq 0 ]; then p=1 f=0; else p=0 f=1; fi; s=0 ;;
  esac
  p=${p:-0} f=${f:-0} s=${s:-0}
  if [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; echo "== $name ended with exit code $code"; fi
  if [ "$code" -eq 0 ] && [ "$p" -eq 0 ]; then f=1; echo "== $name ran no test"; fi
  case $name in swift*) p=$((p > f ? p - f : 0)) ;; esac
  echo "== $name: $p passed, $f failed, $s skipped, $((SECONDS - begin)) s"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

suite format swift format lint --strict -r Package.swift Sources loadtest Tests
suite build swift build -c release --build-tests
if [ "$failed" -eq 0 ]; then
  # Whole hubs and their clients keep real time, which thousands of simulated seeds in the same process would take from them;
  # the allocation gate counts per process. So each runs alone.
  suite swift swift test -c release --skip-build --skip 'HubAllocationTests|HubFeatureTests'
  suite swift-features swift test -c release --skip-build --filter HubFeatureTests
  suite swift-allocations swift test -c release --skip-build --filter HubAllocationTests
  suite javascript node --test Tests/JavaScript/*.test.mjs
  export HUB_BINARY=$BUILD/hub
  for folder in Worlds Schema Protocol Conformance Bookings Browser; do
    suite "python-$folder" "$VENV/bin/python" -m pytest -q -p no:cacheprovider "Tests/$folder"
  done
fi
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
