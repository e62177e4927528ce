#!/usr/bin/env bash
# Builds moerge and runs every test that CI runs. Installs what is missing first.
# usage: tests/run.sh [STAGE ...]   stages: lint clients report asan tsan fuzz; default: all
#   FUZZ_SECONDS  time for each fuzz target (default 20)
set -euo pipefail
. "$(dirname "$0")/../deploy/errors.sh"
cd "$(dirname "$0")/.."

stages=("$@")
((${#stages[@]})) || stages=(lint clients report asan tsan fuzz)
passed=0
failed=0
failures=()

say() { printf '\n== %s\n' "$*"; }

# run NAME COMMAND...: counts one result and goes on.
run() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures+=("$name")
    echo "FAILED: $name"
  fi
}

build() {
  cmake --preset "$1" >"build/$1.configure.log" 2>&1 || { cat "build/$1.configure.log"; return 1; }
  cmake --build --preset "$1" -- "${@:2}"
}

# Runs ctest and adds its counts to ours.
count_ctest() {
  local log="build/$1.ctest.log" status=0
  ctest --test-dir "build/$1" --output-on-failure -j "$(nproc)" "${@:2}" >"$log" 2>&1 || status=$?
  grep -vE '^ +Start |Passed +[0-9.]+ sec$' "$log" || true
  local total bad
  total=$(sed -nE 's/^.* tests failed out of ([0-9]+)$/\1/p' "$log" | tail -n 1)
  bad=$(sed -nE 's/^.*, ([0-9]+) tests? failed out of [0-9]+$/\1/p' "$log" | tail -n 1)
  if [[ -z $total || $total == 0 ]]; then
    failed=$((failed + 1))
    failures+=("$1: no test ran")
    return
  fi
  passed=$((passed + total - bad))
  failed=$((failed + bad))
  ((bad == 0 && status == 0)) || failures+=("$1: ctest")
  ((bad > 0 || status == 0)) || failed=$((failed + 1))
}

stage_lint() {
  run "lint: sources" python3 tests/lint/check_sources.py
  run "lint: scripts" tests/lint/check_scripts.sh
  run "lint: errors.sh" tests/lint/errors_test.sh
}

tested() {
  if build "$1" -k 0; then
    count_ctest "$@"
  else
    failed=$((failed + 1))
    failures+=("$1: build")
  fi
}
stage_asan() { ASAN_OPTIONS=detect_stack_use_after_return=1 tested asan; }
# What one thread alone runs, ThreadSanitizer has nothing to say about.
stage_tsan() {
  TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/tests/tsan.supp" \
    tested tsan -E '^(Json|Yaml|Config|Utf8|Tool|Text)'
}

stage_fuzz() {
  local targets=() target
  for target in tests/fuzz/*_fuzz.cc; do targets+=("$(basename "$target" .cc)"); done
  run "fuzz: build" build fuzz -k 0 "${targets[@]}"
  for target in "${targets[@]}"; do
    mkdir -p "build/corpus/$target"
    local seeds=()
    [[ -d tests/fuzz/seeds/$target ]] && seeds=("tests/fuzz/seeds/$target")
    run "fuzz: $target" "build/fuzz/$target" -max_total_time="${FUZZ_SECONDS:-20}" -timeout=10 \
      -rss_limit_mb=2048 -max_len=65536 -verbosity=0 -print_final_stats=0 \
      -artifact_prefix="build/corpus/$target-" "build/corpus/$target" "${seeds[@]}"
  done
}

# Adds the counts of a program whose last such line is "N passed, N failed".
count_plain() {
  local log="build/$1.log" status=0 line
  "${@:2}" >"$log" 2>&1 || status=$?
  cat "$log"
  line=$({ grep -oE '[0-9]+ passed, [0-9]+ failed' "$log" || true; } | tail -n 1)
  if [[ -z $line ]]; then
    failed=$((failed + 1))
    failures+=("$1: no test ran")
    return
  fi
  passed=$((passed + $(cut -d' ' -f1 <<<"$line")))
  local bad
  bad=$(cut -d' ' -f3 <<<"$line")
  failed=$((failed + bad))
  ((bad == 0 && status == 0)) || failures+=("$1")
  ((bad > 0 || status == 0)) || failed=$((failed + 1))
}

stage_clients() {
  build release moerge || { failed=$((failed + 1)); failures+=("clients: build"); return 0; }
  count_plain clients tests/clients/run.sh build/release/moerge
}

stage_report() {
  build release moerge >/dev/null || { failed=$((failed + 1)); failures+=("report: build"); return 0; }
  run report tests/bench/experts/run.sh --moerge build/release/moerge --if-data
}

mkdir -p build
deploy/install-packages.sh build test
# Another clone of the same sources finds what this one compiled.
export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
for stage in "${stages[@]}"; do
  if ! declare -F "stage_$stage" >/dev/null; then
    echo "unknown stage: $stage; there are: lint clients report asan tsan fuzz" >&2
    exit 2
  fi
  say "$stage"
  started=$SECONDS
  "stage_$stage"
  echo "$stage: $((SECONDS - started)) s"
done

say "result"
for failure in "${failures[@]}"; do echo "failed: $failure"; done
echo "$passed passed, $failed failed"
((failed == 0)) || exit 1
