#!/usr/bin/env bash
# Compares whole runs of tribunal with a bare client loop that sends the same requests to the same local server, in one go:
# wall time, CPU time and peak memory. Prints a Markdown table. Needs nothing but the Rust toolchain and Linux.
#
#   benches/compare.sh [CASES] [ROUNDS]        default: 10000 cases, 3 rounds (the median is shown)
#
# docs/benchmarks.md says how to read it.
set -euo pipefail
cd "$(dirname "$0")/.."
cases=${1:-10000}
rounds=${2:-3}
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
cargo build --release --quiet --bin tribunal --example mock_openai --example bench_bare
bin=$target/release
dir=$(mktemp -d)
mock=
trap 'kill $mock 2>/dev/null || true; rm -rf "$dir"' EXIT

serve() { # serve LATENCY_MS: starts the mock server, sets $url and $mock
  [ -n "$mock" ] && kill "$mock" && wait "$mock" 2>/dev/null || true
  rm -f "$dir/url"
  "$bin/examples/mock_openai" --latency-ms "$1" >"$dir/url" 2>/dev/null &
  mock=$!
  until [ -s "$dir/url" ]; do sleep 0.05; done
  url=$(head -n 1 "$dir/url")
}

project() { # a project with the same cases as the bare loop
  mkdir -p "$dir/p/evalsets"
  cat >"$dir/p/tribunal.yaml" <<YAML
agents: {a: {kind: openai, model: mock, base_url: "$url"}}
judges: {j: {kind: openai, model: mock, base_url: "$url"}}
limits: {concurrency: 64}
YAML
  seq 1 "$cases" | sed 's/.*/{"id":"c&","question":"What is the number &?","expected":"The number & is &."}/' >"$dir/p/evalsets/s.jsonl"
}

# measure COMMAND...: prints "wall cpu peak_mib", where cpu is user + system seconds. Memory is the high-water mark that the
# kernel keeps, read until the process is gone.
measure() {
  local before after t0 t1 peak=0 line pid
  before=$(awk '{print $16 + $17}' /proc/$$/stat)
  t0=$(date +%s.%N)
  "$@" >"$dir/out" 2>"$dir/err" &
  pid=$!
  while line=$(grep VmHWM "/proc/$pid/status" 2>/dev/null); do
    peak=$(echo "$line" | awk '{print $2}')
    sleep 0.02
  done
  wait $pid || { cat "$dir/err" >&2; exit 1; }
  t1=$(date +%s.%N)
  after=$(awk '{print $16 + $17}' /proc/$$/stat)
  awk -v a="$t0" -v b="$t1" -v c="$before" -v d="$after" -v hz="$(getconf CLK_TCK)" -v p="$peak" \
    'BEGIN { printf "%.2f %.2f %.1f\n", b - a, (d - c) / hz, p / 1024 }'
}

bare() { measure "$bin/examples/bench_bare" --base-url "$url" --cases "$cases" --concurrency "$1" --via bare; }
ours() { # ours CONCURRENCY ARGS...
  rm -rf "$dir/p/.tribunal"
  local c=$1
  shift
  measure "$bin/tribunal" run --config "$dir/p/tribunal.yaml" --concurrency "$c" "$@"
}
median() { sort -n | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }

echo "| latency | at once | program | wall s | CPU s | peak MiB | wall, times bare | CPU, times bare |"
echo "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |"
for setting in "50 64" "50 256" "0 64" "0 256"; do
  read -r latency at_once <<<"$setting"
  serve "$latency"
  project
  for name in bare "tribunal, no cache" "tribunal"; do : >"$dir/$name.log"; done
  for _ in $(seq "$rounds"); do
    bare "$at_once" >>"$dir/bare.log"
    ours "$at_once" --reports none --cache off >>"$dir/tribunal, no cache.log"
    ours "$at_once" >>"$dir/tribunal.log"
  done
  for name in bare "tribunal, no cache" "tribunal"; do
    read -r w c m <<<"$(for k in 1 2 3; do awk -v k=$k '{print $k}' "$dir/$name.log" | median; done | xargs)"
    [ "$name" = bare ] && bw=$w && bc=$c
    awk -v l="$latency" -v n="$at_once" -v p="$name" -v w="$w" -v c="$c" -v m="$m" -v bw="$bw" -v bc="$bc" \
      'BEGIN { printf "| %s ms | %s | %s | %s | %s | %s | %.2f | %.2f |\n", l, n, p, w, c, m, w / bw, c / bc }'
  done
done
