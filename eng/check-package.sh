#!/usr/bin/env bash
# Packs the libraries and the tool, installs the tool from the package, and runs it. Needs no network, and leaves nothing behind.
set -euo pipefail

cd "$(dirname "$0")/.."
work="$(mktemp -d)"
pid=""

cleanup() {
  if [[ -n "$pid" ]]; then
    kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT

fail() {
  echo "check-package: $1" >&2
  exit 1
}

for project in RawWs.Core RawWs.SocketIO RawWs.Host; do
  dotnet pack "src/$project" --configuration Release --output "$work/packages"
done

compgen -G "$work/packages/RawWs.Core.*.snupkg" >/dev/null || fail "RawWs.Core has no symbol package"

# --source and not --add-source: what is installed is what was just packed, whatever else this machine knows of.
dotnet tool install rawws --prerelease --tool-path "$work/tools" --source "$work/packages"

version="$("$work/tools/rawws" --version)"
[[ -f "$work/packages/rawws.$version.nupkg" ]] || fail "rawws --version says '$version', and no package has that version"

mkfifo "$work/output"
"$work/tools/rawws" --port 0 >"$work/output" &
pid=$!
exec 3<"$work/output"
read -r -t 60 line <&3 || fail "rawws does not say where it listens"
[[ "$line" =~ ^"rawws $version listens on ws://localhost:"([0-9]+)/echo ]] || fail "rawws begins with '$line'"
port="${BASH_REMATCH[1]}"

# The opening handshake of RFC 6455 §1.3, whose answer is known.
exec 4<>"/dev/tcp/127.0.0.1/$port"
printf '%s\r\n' "GET /echo HTTP/1.1" "Host: localhost:$port" "Upgrade: websocket" "Connection: Upgrade" \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" "Sec-WebSocket-Version: 13" "" >&4
response=""
while read -r -t 60 header <&4 && [[ "$header" != $'\r' ]]; do
  response+="$header"
done
[[ "$response" == *"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="* ]] || fail "the handshake was answered with '$response'"
exec 4<&- 4>&-

kill -TERM "$pid"
wait "$pid" || fail "rawws ended with code $? after SIGTERM"
pid=""

echo "check-package: rawws $version installs and runs"
