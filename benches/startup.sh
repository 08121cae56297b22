#!/usr/bin/env bash
# Start-up: `tribunal --version`, and `tribunal check` on a project with one YAML set of 10,000 cases. Prints medians of wall time.
#
#   benches/startup.sh [ROUNDS]                default: 15
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-15}
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
cargo build --release --quiet --bin tribunal
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/evalsets"
echo 'agents: {a: {kind: command, run: ["true"]}}' >"$dir/tribunal.yaml"
{
  printf 'name: many\nrubric: correctness\ncases:\n'
  seq 1 10000 | sed 's/.*/  - id: case-&\n    question: What is the number & called in the long list of numbers that nobody has read?\n    expected: The number & is called number & of the list.\n    accept: [It is number &]\n    tags: [numbers, "group-&"]\n    risk: low/' | sed 's/group-\([0-9]*\)[0-9]"/group-\1"/'
} >"$dir/evalsets/many.yaml"

median_ms() { # median_ms COMMAND...
  for _ in $(seq "$rounds"); do
    local a b
    a=$(date +%s%N)
    "$@" >/dev/null 2>&1
    b=$(date +%s%N)
    echo $(((b - a) / 1000))
  done | sort -n | awk '{a[NR] = $1} END {printf "%.1f", a[int((NR + 1) / 2)] / 1000}'
}

echo "| command | median ms of $rounds |"
echo "| --- | ---: |"
echo "| tribunal --version | $(median_ms "$target/release/tribunal" --version) |"
echo "| tribunal check (10,000 cases in YAML, $(du -k "$dir/evalsets/many.yaml" | cut -f1) KiB) | $(median_ms "$target/release/tribunal" check --config "$dir/tribunal.yaml") |"
