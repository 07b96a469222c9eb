#!/usr/bin/env bash
# Runs the test suite of the official JavaScript client for Socket.IO against our server: as it is, which is on polling with a change to WebSockets, then on each
# transport alone. Fails if a case does. Needs Node, and the sources of the client with its tests, installed and compiled, of which nothing is in this repository:
#
#   git clone https://github.com/socketio/socket.io && (cd socket.io && npm ci && npm run compile --workspaces --if-present)
#   bash eng/socketio-suite.sh socket.io/packages/socket.io-client [arguments for mocha]
#
# The suite wants the ports 3210 for the server, and 3211, 3940 and 9823 with nobody there.
set -euo pipefail

suite="$(cd "${1:?the folder of the client: its package.json, build/ and test/}" && pwd)"
shift
cd "$(dirname "$0")/.."
server="tests/RawWs.SocketIO.SuiteServer"
server_pid=""

cleanup() {
  if [[ -n "$server_pid" ]]; then
    kill -KILL "$server_pid" 2>/dev/null || true
  fi
}
trap cleanup EXIT

dotnet build "$server" --configuration Release --output artifacts/socketio-suite
rm -rf artifacts/started
mkdir -p artifacts/started
mkfifo artifacts/started/fifo
dotnet artifacts/socketio-suite/RawWs.SocketIO.SuiteServer.dll >artifacts/started/fifo &
server_pid=$!
exec 3<artifacts/started/fifo
read -r -t 60 line <&3
echo "$line"

preload="$PWD/$server/transports.cjs"
cd "$suite"
status=0
for transports in "" polling websocket; do
  echo "== ${transports:-polling, then websocket}"
  # Without the suite's test/support/hooks.ts, which starts the server for Node that this one stands for.
  options=(--import=tsx --reporter dot --exit)
  if [[ -n "$transports" ]]; then
    options+=(--require "$preload")
  fi

  # These two want a port 80 that refuses, and over a WebSocket leave the whole suite with a clock that stands still.
  if [[ "$transports" == websocket ]]; then
    options+=(--grep "reconnect timeout" --invert)
  fi

  TRANSPORTS="$transports" npx --no-install mocha "${options[@]}" "$@" test/index.ts || status=1
done
exit "$status"
