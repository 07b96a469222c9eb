#!/usr/bin/env bash
# Compressed echo, RawWs and Kestrel in turn: A B A B, each server pinned to the first core and the generator to the second. Prints each round and the
# ratio of messages per CPU-second. Needs taskset (util-linux) and the .NET SDK.
#
#   bash bench/compare-deflate.sh [ROUNDS]
set -euo pipefail

cd "$(dirname "$0")/.."
rounds="${1:-5}"
out="$(mktemp -d)"
pid=""

cleanup() {
  if [[ -n "$pid" ]]; then
    kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -rf "$out"
}
trap cleanup EXIT

for project in src/RawWs.Host bench/peers/kestrel bench/RawWs.Load; do
  dotnet build "$project" --configuration Release --output "$out/$(basename "$project")" >/dev/null
done

port=9340
# NAME SIZE TAKEOVER: messages per CPU-second
measure() {
  local name="$1" size="$2" takeover="$3" mode="shared"
  if [[ "$takeover" == "--takeover" ]]; then mode="dedicated"; fi
  port=$((port + 1))

  if [[ "$name" == rawws ]]; then
    taskset -c 0 dotnet "$out/RawWs.Host/rawws.dll" --host 127.0.0.1 --port "$port" --compression "$mode" >"$out/log" 2>&1 &
  else
    taskset -c 0 dotnet "$out/kestrel/KestrelPeer.dll" --port "$port" --deflate on --max-message-size 16777216 >"$out/log" 2>&1 &
  fi
  pid=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.1; done

  taskset -c 1 dotnet "$out/RawWs.Load/RawWs.Load.dll" deflate "ws://127.0.0.1:$port/echo" --size "$size" --pid "$pid" ${takeover:+"$takeover"} >"$out/result"
  kill -TERM "$pid"
  wait "$pid" || true
  pid=""
  grep -oE '[0-9]+ per CPU-second' "$out/result" | grep -oE '^[0-9]+'
}

for size in 1024 16384; do
  for takeover in "" --takeover; do
    echo "== $size bytes of JSON, server $([[ -n "$takeover" ]] && echo keeps || echo forgets) its window"
    ratios=()
    for ((round = 1; round <= rounds; round++)); do
      ours="$(measure rawws "$size" "$takeover")"
      theirs="$(measure kestrel "$size" "$takeover")"
      ratio="$(awk "BEGIN { printf \"%.2f\", $ours / $theirs }")"
      ratios+=("$ratio")
      echo "rawws $ours, Kestrel $theirs messages per CPU-second: $ratio"
    done
    printf '%s\n' "${ratios[@]}" | sort -n | awk '{ value[NR] = $1 } END { print "median", value[int((NR + 1) / 2)] }'
  done
done
