#!/usr/bin/env bash
# Tests/Fuzz/run.sh SECONDS: builds the readers with libFuzzer and the address sanitizer and runs each target that long.
# Seeds come from the golden vectors; what the fuzzer learns stays in .build/fuzz. A crash leaves its input there, exit 1.
set -euo pipefail
seconds=${1:?"usage: run.sh SECONDS (per target)"}
cd "$(dirname "$0")/../.."
out=$PWD/.build/fuzz
mkdir -p "$out"
flags=(-O -g -swift-version 6 -package-name hub -parse-as-library -sanitize=fuzzer,address -use-ld=lld -I "$out" -I Sources/CJansson
  -enable-experimental-feature Lifetimes -enable-upcoming-feature ExistentialAny
  -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility)
objects=()
for module in HubKernel HubWire HubReplication HubScene HubEngine HubJSON; do
  mapfile -t sources < <(find "Sources/$module" -name '*.swift' | sort)
  swiftc "${flags[@]}" -whole-module-optimization -module-name "$module" -emit-module \
    -emit-module-path "$out/$module.swiftmodule" -c -o "$out/$module.o" "${sources[@]}"
  objects+=("$out/$module.o")
done
python3 Tests/Fuzz/corpus.py Tests/Vectors "$out/corpus"
for target in FuzzFrames FuzzClientMessages FuzzHello FuzzTickets; do
  swiftc "${flags[@]}" -module-name "$target" -o "$out/$target" "Tests/Fuzz/$target.swift" "${objects[@]}" -ljansson
  echo "== $target, $seconds s"
  # The backtracer would hang in the crashed process.
  SWIFT_BACKTRACE=enable=no "$out/$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$out/$target-" "$out/corpus/$target" 2> "$out/$target.log" || {
    tail -40 "$out/$target.log"
    exit 1
  }
  grep -E 'stat::number_of_executed_units|cov: .* DONE|DONE ' "$out/$target.log" || tail -3 "$out/$target.log"
done
