#!/usr/bin/env bash
# Puts the tables of the last run, which are in BenchmarkDotNet.Artifacts where it was started, where they are kept in git.
set -euo pipefail

kept="$(dirname "$0")/results"
for table in BenchmarkDotNet.Artifacts/results/*-report-github.md; do
  name="$(basename "$table" -report-github.md)"
  name="${name#RawWs.Benchmarks.}"
  { echo "# $name"; echo; cat "$table"; } >"$kept/$name.md"
done
