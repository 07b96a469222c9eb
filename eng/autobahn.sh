#!/usr/bin/env bash
# Runs the Autobahn test suite, in its container, against rawws: in both modes of compression, and with a server that reads with a tiny buffer. Fails
# on any case whose behaviour or closing is not OK or informational. Needs Docker; takes about ten minutes for each of the runs.
#
#   bash eng/autobahn.sh                      all runs
#   bash eng/autobahn.sh --compression shared only this one: the arguments are those of rawws
set -euo pipefail

cd "$(dirname "$0")/.."
image="crossbario/autobahn-testsuite:25.10.1"
host_pid=""

cleanup() {
  if [[ -n "$host_pid" ]]; then
    kill -KILL "$host_pid" 2>/dev/null || true
  fi
}
trap cleanup EXIT

command -v docker >/dev/null || { echo "autobahn: install Docker first, or see docs/conformance.md for what else there is" >&2; exit 2; }
dotnet build src/RawWs.Host --configuration Release --output artifacts/host

run() {
  echo "== rawws $*"
  rm -rf artifacts/autobahn
  mkdir -p artifacts/autobahn artifacts/started
  rm -f artifacts/started/fifo
  mkfifo artifacts/started/fifo
  dotnet artifacts/host/rawws.dll --host 127.0.0.1 --port 9001 "$@" >artifacts/started/fifo &
  host_pid=$!
  exec 3<artifacts/started/fifo
  read -r -t 60 line <&3
  echo "$line"

  docker run --rm --network host --volume "$PWD:/suite" "$image" wstest --mode fuzzingclient --spec /suite/autobahn-config.json

  kill -TERM "$host_pid"
  wait "$host_pid"
  host_pid=""
  exec 3<&-
  judge
}

# index.json: { "RawWs": { "1.1.1": { "behavior": "OK", "behaviorClose": "OK", ... }, ... } }
judge() {
  node -e '
    const cases = Object.entries(JSON.parse(require("fs").readFileSync("artifacts/autobahn/index.json")).RawWs);
    const good = new Set(["OK", "INFORMATIONAL"]);
    const bad = cases.filter(([, result]) => !good.has(result.behavior) || !good.has(result.behaviorClose));
    for (const [id, result] of bad) console.log(`${id}: ${result.behavior}, closing ${result.behaviorClose}`);
    console.log(`${cases.length - bad.length} of ${cases.length} cases are OK or informational`);
    process.exit(bad.length === 0 && cases.length > 0 ? 0 : 1);
  '
}

if (($#)); then
  run "$@"
else
  run --compression shared
  run --compression dedicated
  run --compression dedicated --max-receive-size 64
fi
