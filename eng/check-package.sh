#!/usr/bin/env bash
# Packs the libraries and the tool, looks at what is in the packages, builds the README's first program against them, runs that, and installs and runs the tool; publishes the
# single file, and runs that. Leaves nothing behind. Needs what the solution has restored, and the single file packages that compile beforehand, from a registry if they are not
# on this machine.
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

# Opens a WebSocket on descriptor 4, by the opening handshake of RFC 6455 §1.3, whose answer is known.
open_websocket() { # PORT PATH
  exec 4<>"/dev/tcp/127.0.0.1/$1"
  printf '%s\r\n' "GET $2 HTTP/1.1" "Host: localhost:$1" "Upgrade: websocket" "Connection: Upgrade" \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" "Sec-WebSocket-Version: 13" "" >&4
  local response="" header
  while read -r -t 60 header <&4 && [[ "$header" != $'\r' ]]; do
    response+="$header"
  done
  [[ "$response" == *"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="* ]] || fail "the handshake was answered with '$response'"
}

# Sends the masked "Hello" of RFC 6455 §5.7 on descriptor 4, and wants it back unmasked.
check_echo() {
  printf '\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58' >&4
  local echoed
  echoed="$(timeout 60 head -c 7 <&4 | od -An -tx1 | tr -d ' \n')"
  [[ "$echoed" == "810548656c6c6f" ]] || fail "the echo of Hello is '$echoed'"
}

# The port that a process listens on: the one it was given for 0.
port_of() { # PID
  local inodes port
  for _ in $(seq 600); do
    inodes=" $(find "/proc/$1/fd" -lname 'socket:*' -printf '%l ' 2>/dev/null | tr -c '0-9' ' ' || true)"
    port="$(awk -v inodes="$inodes" '$4 == "0A" && index(inodes, " " $10 " ") {split($2, address, ":"); print address[2]; exit}' /proc/net/tcp)"
    if [[ -n "$port" ]]; then
      echo "$((16#$port))"
      return
    fi
    kill -0 "$1" 2>/dev/null || fail "the README's program has ended"
    sleep 0.1
  done
  fail "the README's program does not listen"
}

# What every package has, as it is after it was restored.
check_content() { # ID FOLDER
  grep -q '<license type="expression">MIT</license>' "$2"/*.nuspec || fail "$1 names no license"
  grep -q '<readme>README.md</readme>' "$2"/*.nuspec || fail "$1 names no readme"
  [[ -s "$2/README.md" ]] || fail "$1 has no README.md"
}

# serves RAWWS: starts that program, has a message echoed, asks for the page that is inside, and stops it.
serves() {
  local line port header page=""
  [[ "$("$1" --version)" == "$version" ]] || fail "$1 --version does not say '$version'"

  [[ -p "$work/output" ]] || mkfifo "$work/output"
  "$1" --port 0 >"$work/output" &
  pid=$!
  exec 3<"$work/output"
  read -r -t 60 line <&3 || fail "$1 does not say where it listens"
  [[ "$line" =~ ^"rawws $version listens on ws://localhost:"([0-9]+)/echo ]] || fail "$1 begins with '$line'"
  port="${BASH_REMATCH[1]}"

  open_websocket "$port" /echo
  check_echo
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

for project in RawWs.Core RawWs.SocketIO RawWs.Hosting RawWs.Redis RawWs.Host; do
  dotnet pack "src/$project" --configuration Release --output "$work/packages"
done

# A program from nothing but the README and the packages, the feed being their folder. What they depend on comes from what this machine has restored for the
# solution; what they restore themselves goes into a folder of its own, so that no later build meets packages of this one.
tool="$(compgen -G "$work/packages/rawws.[0-9]*.nupkg")" || fail "there is no package of rawws"
version="$(basename "$tool" .nupkg)"
version="${version#rawws.}"
mkdir "$work/program"
awk '/^## Embed it/ {found = 1} found && /^```$/ {exit} code {print} found && /^```csharp$/ {code = 1}' README.md >"$work/program/Program.cs"
grep -q 'IPAddress.Loopback, 3000' "$work/program/Program.cs" || fail "the README's program does not listen on port 3000"
sed -i 's/IPAddress.Loopback, 3000/IPAddress.Loopback, 0/' "$work/program/Program.cs"
cat >"$work/program/Program.csproj" <<END
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="RawWs.Core" Version="$version" />
    <PackageReference Include="RawWs.Hosting" Version="$version" />
    <PackageReference Include="RawWs.Redis" Version="$version" />
    <PackageReference Include="RawWs.SocketIO" Version="$version" />
  </ItemGroup>
</Project>
END
cache="$(dotnet nuget locals global-packages --list)"
cache="${cache#*: }"
# Without ours, which somebody may have restored by hand: they are to come from the folder.
mkdir "$work/cache"
find "$cache" -mindepth 1 -maxdepth 1 ! -name 'rawws*' -exec ln -s {} "$work/cache/" \;
cat >"$work/program/nuget.config" <<END
<configuration>
  <packageSources>
    <clear />
    <add key="packed" value="$work/packages" />
  </packageSources>
  <fallbackPackageFolders>
    <clear />
    <add key="restored" value="$work/cache" />
  </fallbackPackageFolders>
  <config>
    <add key="globalPackagesFolder" value="$work/restored" />
  </config>
</configuration>
END
NUGET_PACKAGES="" dotnet build "$work/program" --configuration Release --output "$work/built" -p:NuGetAudit=false
for id in RawWs.Core RawWs.Hosting RawWs.Redis RawWs.SocketIO; do
  restored="$work/restored/${id,,}/$version"
  [[ -d "$restored" ]] || fail "the program was not built against the package of $id"
  check_content "$id" "$restored"
  [[ -s "$restored/lib/net10.0/$id.xml" ]] || fail "$id has no XML documentation"

  # The names in an archive are not compressed.
  grep -qaF "lib/net10.0/$id.pdb" "$work/packages/$id.$version.snupkg" || fail "$id has no package of symbols"
done

dotnet "$work/built/Program.dll" &
pid=$!
port="$(port_of "$pid")"
open_websocket "$port" /
check_echo
exec 4<&- 4>&-
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
pid=""

# --source and not --add-source: what is installed is what was just packed, whatever else this machine knows of.
dotnet tool install rawws --prerelease --tool-path "$work/tools" --source "$work/packages"

check_content rawws "$work/tools/.store/rawws/$version/rawws/$version"

serves "$work/tools/rawws"

if [[ "$(uname -sm)" == "Linux x86_64" ]]; then
  dotnet publish src/RawWs.Host -p:PublishProfile=linux-x64 --output "$work/single"
  [[ "$(ls "$work/single")" == "rawws" ]] || fail "beside the single file lie others: $(ls "$work/single")"
  serves "$work/single/rawws"
fi

echo "check-package: the packages of $version are complete; the README's program runs on them, and rawws as a tool and as a single file"
