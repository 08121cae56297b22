#!/usr/bin/env bash
# Peak memory of whole runs: streamed sets of a growing number of cases, through a replayed agent and the embedded judge.
# Prints a Markdown table. Linux.
#
#   benches/memory.sh [CASES...]               default: 1000 10000 100000
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
cargo build --release --quiet --bin tribunal
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/evalsets"
cat >"$dir/tribunal.yaml" <<YAML
agents: {recorded: {kind: replay, file: answers.jsonl}}
judges: {lexical: {kind: lexical}}
YAML

peak() { # peak COMMAND...: runs it, prints seconds and the high-water mark in MiB
  local pid line kib=0 t0 t1
  t0=$(date +%s.%N)
  "$@" >/dev/null 2>"$dir/err" &
  pid=$!
  while line=$(grep VmHWM "/proc/$pid/status" 2>/dev/null); do
    kib=$(echo "$line" | awk '{print $2}')
    sleep 0.02
  done
  wait $pid || { cat "$dir/err" >&2; exit 1; }
  t1=$(date +%s.%N)
  awk -v a="$t0" -v b="$t1" -v k="$kib" 'BEGIN { printf "%.1f %.1f", b - a, k / 1024 }'
}

echo "| cases | command | seconds | peak MiB |"
echo "| ---: | --- | ---: | ---: |"
for n in "${@:-1000 10000 100000}"; do
  for cases in $n; do
    seq 1 "$cases" | sed 's/.*/{"id":"c&","question":"What is the number & called in the long list of numbers?","expected":"The number & is called &."}/' >"$dir/evalsets/s.jsonl"
    seq 1 "$cases" | sed 's/.*/{"id":"c&","answer":"It is called &, as far as I know."}/' >"$dir/answers.jsonl"
    rm -rf "$dir/.tribunal" "$dir/reports"
    for verb in "check" "run --reports none" "report last"; do
      # shellcheck disable=SC2086
      read -r seconds mib <<<"$(peak "$target/release/tribunal" $verb --config "$dir/tribunal.yaml")"
      echo "| $cases | $verb | $seconds | $mib |"
    done
  done
done
