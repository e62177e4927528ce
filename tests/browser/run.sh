#!/usr/bin/env bash
# The dashboard: types, unit tests, then every page in Chromium against a running moerge.
# usage: tests/browser/run.sh [MOERGE_BINARY [TEST ...]]   TEST: part of a test's name; without one: all
#   SHOTS=FOLDER  keeps a picture of every page, light and dark, wide and narrow
# Its last line is "N passed, N failed".
set -euo pipefail
. "$(dirname "$0")/../../deploy/errors.sh"
binary=$(realpath -m "${1:-$(dirname "$0")/../../build/release/moerge}")
[[ -x $binary ]] || { echo "no program at $binary" >&2; exit 1; }
cd "$(dirname "$0")"
../../deploy/install-packages.sh browser
dashboard=../../services/dashboard
build=../../build/browser
mkdir -p "$build"

# packages FOLDER NAME: those of its lock file, unless they are there.
packages() {
  [[ -d $1/node_modules ]] && cmp -s "$1/package-lock.json" "$build/$2.lock" && return
  echo "installing the packages of $2 (npm) ..."
  (cd "$1" && npm ci --loglevel=error --no-audit --no-fund)
  cp "$1/package-lock.json" "$build/$2.lock"
}
packages $dashboard dashboard
packages . tests

passed=0
failed=0
echo "-- types"
if (cd $dashboard && npm run --silent check); then passed=$((passed + 1)); else failed=$((failed + 1)); fi
echo "-- pure functions"
log=$build/unit.log
(cd $dashboard && node test.mjs) >"$log" 2>&1 || true
cat "$log"
line=$(grep -oE '[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1 || true)
[[ -n $line ]] || line="0 passed, 1 failed"
passed=$((passed + ${line%% *}))
line=${line#* passed, }
failed=$((failed + ${line% failed}))
echo "-- pages"
exec node all.mjs "$binary" "$passed" "$failed" "${@:2}"
