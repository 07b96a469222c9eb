#!/usr/bin/env bash
# Packs the library and the tool, installs the tool from the package, and runs it; publishes the single file, and runs that. Leaves nothing behind. The single file needs
# packages that compile beforehand, from a registry if they are not on this machine.
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

for project in RawWs.Core RawWs.Host; do
  dotnet pack "src/$project" --configuration Release --output "$work/packages"
done

compgen -G "$work/packages/RawWs.Core.*.snupkg" >/dev/null || fail "RawWs.Core has no symbol package"

# --source and not --add-source: what is installed is what was just packed, whatever else this machine knows of.
dotnet tool install rawws --prerelease --tool-path "$work/tools" --source "$work/packages"

version="$("$work/tools/rawws" --version)"
[[ -f "$work/packages/rawws.$version.nupkg" ]] || fail "rawws --version says '$version', and no package has that version"

# serves RAWWS: starts that program, takes the opening handshake of RFC 6455 §1.3, whose answer is known, asks for the page that is inside, and stops it.
serves() {
  local line port header response="" page=""
  [[ "$("$1" --version)" == "$version" ]] || fail "$1 --version does not say '$version'"

  [[ -p "$work/output" ]] || mkfifo "$work/output"
  "$1" --port 0 >"$work/output" &
  pid=$!
  exec 3<"$work/output"
  read -r -t 60 line <&3 || fail "$1 does not say where it listens"
  [[ "$line" =~ ^"rawws $version listens on ws://localhost:"([0-9]+)/echo ]] || fail "$1 begins with '$line'"
  port="${BASH_REMATCH[1]}"

  exec 4<>"/dev/tcp/127.0.0.1/$port"
  printf '%s\r\n' "GET /echo HTTP/1.1" "Host: localhost:$port" "Upgrade: websocket" "Connection: Upgrade" \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" "Sec-WebSocket-Version: 13" "" >&4
  while read -r -t 60 header <&4 && [[ "$header" != $'\r' ]]; do
    response+="$header"
  done
  [[ "$response" == *"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="* ]] || fail "$1 answered the handshake with '$response'"
  exec 4<&- 4>&-

  exec 4<>"/dev/tcp/127.0.0.1/$port"
  printf '%s\r\n' "GET / HTTP/1.1" "Host: localhost:$port" "Connection: close" "" >&4
  while read -r -t 60 header <&4; do
    page+="$header"
  done
  [[ "$page" == "HTTP/1.1 200 "*"<html"* ]] || fail "$1 answered the request for the page with '$page'"
  exec 4<&- 4>&-

  kill -TERM "$pid"
  wait "$pid" || fail "$1 ended with code $? after SIGTERM"
  pid=""
  exec 3<&-
}

serves "$work/tools/rawws"

if [[ "$(uname -sm)" == "Linux x86_64" ]]; then
  dotnet publish src/RawWs.Host -p:PublishProfile=linux-x64 --output "$work/single"
  [[ "$(ls "$work/single")" == "rawws" ]] || fail "beside the single file lie others: $(ls "$work/single")"
  serves "$work/single/rawws"
fi

echo "check-package: rawws $version installs and runs, as a tool and as a single file"
