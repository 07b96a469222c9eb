#!/usr/bin/env bash
# What a PUBLISH costs a redis-server with 1 to 1,000 subscribers, in CPU time of its own: bash bench/redis-fanout.sh [PORT]
# Each message has 150 bytes, about what a broadcast of 64 has on its way; 1 or 16 of them are under way at once. Needs redis-server, redis-cli and redis-benchmark.
set -euo pipefail

port="${1:-6399}"
payload="$(printf 'x%.0s' {1..150})"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true' EXIT

redis-server --bind 127.0.0.1 --port "$port" --save "" --appendonly no >/dev/null &
pids+=($!)
until redis-cli -p "$port" ping >/dev/null 2>&1; do sleep 0.1; done

cpu_time() { redis-cli -p "$port" info cpu | tr -d '\r' | awk -F: '/^used_cpu_(sys|user):/ {sum += $2} END {print sum}'; }

printf '%11s %11s %16s %20s\n' subscribers 'under way' 'µs per PUBLISH' 'µs per subscriber'
count=0
for subscribers in 1 10 100 1000; do
  for (( ; count < subscribers; count++)); do
    redis-cli -p "$port" subscribe a >/dev/null 2>&1 &
    pids+=($!)
  done
  until [[ "$(redis-cli -p "$port" pubsub numsub a | tail -1)" == "$subscribers" ]]; do sleep 0.1; done

  for depth in 16 1; do
    messages=$((depth * 100000 / (subscribers + 9)))
    before="$(cpu_time)"
    redis-benchmark -p "$port" -c 1 -P "$depth" -n "$messages" -q publish a "$payload" >/dev/null 2>&1
    awk -v b="$before" -v a="$(cpu_time)" -v m="$messages" -v s="$subscribers" -v d="$depth" \
      'BEGIN {printf "%11d %11d %16.1f %20.2f\n", s, d, (a - b) / m * 1e6, (a - b) / m / s * 1e6}'
  done
done
