#!/usr/bin/env bash
# Asks whether the tests would notice: puts one deliberate fault after the other into a library, in a scratch copy, and runs the tests of that library; for
# RawWs.Core, if they pass, the conformance suite as well. A fault that they let through is a test that is missing.
#
#   eng/mutation-check.sh                 all faults of eng/mutations
#   eng/mutation-check.sh 05 'deflat'     those whose names contain one of these
#
# By hand and not in CI: each fault is a build and a run, half a minute or more. What is checked is the last commit, not what lies in the working tree;
# only the patches are taken as they are. A patch that no longer applies, or no longer compiles, is reported like a survivor: it checks nothing.
set -euo pipefail

cd "$(dirname "$0")/.."
repository="$PWD"
work="$(mktemp -d)"
tree="$work/tree"
longest=300

cleanup() {
  git -C "$repository" worktree remove --force "$tree" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# Without analyzers: a fault may leave something unused, and that is not what is to catch it.
build() {
  dotnet build "$@" --configuration Release --verbosity quiet --nologo -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false >"$work/build.log" 2>&1
}

# library_of PATCH: which library it puts its fault into.
library_of() {
  sed -n 's#^+++ b/src/\([^/]*\)/.*#\1#p' "$1" | head -n 1
}

# suites_of LIBRARY: the projects whose tests are to notice, those that are sooner done first.
suites_of() {
  echo "$1.Tests"
  [[ "$1" != RawWs.Core ]] || echo RawWs.Conformance.Tests
}

build_tests() {
  local project
  for project in $(suites_of "$1"); do
    build "tests/$project" || return 1
  done
}

# A fault changes the inside of methods only: the tests need the library and no build of their own.
build_fault() {
  local project
  build "src/$1" --no-restore || return 1
  for project in $(suites_of "$1"); do
    cp "src/$1/bin/Release/net10.0/$1.dll" "tests/$project/bin/Release/net10.0/"
  done
}

# run PROJECT ARGUMENTS...: leaves what caught the fault in $verdict, and succeeds if nothing did.
run() {
  local project="$1" code=0
  shift
  timeout --kill-after=10 "$longest" "tests/$project/bin/Release/net10.0/$project" -noColor -stopOnFail "$@" >"$work/run.log" 2>&1 || code=$?
  verdict="$(grep -m 1 '\[FAIL\]' "$work/run.log" | sed 's/ \[FAIL\]$//; s/^.*RawWs\.[A-Za-z]*\.\?Tests\.//' | cut -c 1-140 || true)"

  if [[ -z "$verdict" && ( $code -eq 124 || $code -eq 137 ) ]]; then
    verdict="a hang in $project (more than $longest s)"
  elif [[ -z "$verdict" && $code -ne 0 ]]; then
    verdict="the end of the process of $project, with code $code"
  fi

  [[ $code -eq 0 ]]
}

# Without what looks at the code and not at what it does, and would compare the scratch copy.
tests_pass() {
  local project
  for project in $(suites_of "$1"); do
    run "$project" -namespace- "RawWs.Tests.Architecture" -namespace- "$1.Tests.Architecture" || return 1
  done
}

is_wanted() {
  local name="$1" part
  shift
  [[ $# -eq 0 ]] && return 0
  for part in "$@"; do
    [[ "$name" == *"$part"* ]] && return 0
  done
  return 1
}

patches=()
for patch in "$repository"/eng/mutations/*.patch; do
  is_wanted "$(basename "$patch" .patch)" "$@" && patches+=("$patch")
done

git worktree add --quiet --detach "$tree" HEAD
cd "$tree"

for library in $(for patch in "${patches[@]}"; do library_of "$patch"; done | sort -u); do
  build_tests "$library" || { cat "$work/build.log"; echo "mutation-check: $library does not compile without any fault" >&2; exit 1; }
  tests_pass "$library" || { tail -n 40 "$work/run.log"; echo "mutation-check: caught by $verdict without any fault in $library" >&2; exit 1; }
done

count=0
survivors=()
for patch in "${patches[@]}"; do
  name="$(basename "$patch" .patch)"
  library="$(library_of "$patch")"
  count=$((count + 1))

  if ! git apply "$patch" 2>/dev/null; then
    result="DOES NOT APPLY"
  elif ! build_fault "$library"; then
    result="DOES NOT COMPILE"
  elif tests_pass "$library"; then
    result="SURVIVED"
  else
    result="caught by $verdict"
  fi

  [[ "$result" == caught* ]] || survivors+=("$name")
  printf '%-46s %s\n' "$name" "$result"
  git checkout --quiet -- src
done

echo "mutation-check: $((count - ${#survivors[@]})) of $count faults were caught"
[[ ${#survivors[@]} -eq 0 ]]
