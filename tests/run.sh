#!/usr/bin/env bash
# Builds moerge and tests it. Installs what is missing first.
# usage: tests/run.sh             what shows that this build works: lint unit integration clients browser
#        tests/run.sh all         that and what CI adds: crash asan tsan fuzz report
#        tests/run.sh agents      the clients whose packages take 1.3 GB
#        tests/run.sh STAGE ...   those stages
#   FUZZ_SECONDS  time for each fuzz target (default 20)
# Its last line is "N passed, N failed".
set -euo pipefail
. "$(dirname "$0")/../deploy/errors.sh"
cd "$(dirname "$0")/.."

# A stage NAME is a function stage_NAME below.
quick=(lint unit integration clients browser)
thorough=(crash asan tsan fuzz report)
apart=(agents)

passed=0
failed=0
failures=()

say() { printf '\n== %s\n' "$*"; }

fail() {
  failed=$((failed + 1))
  failures+=("$1")
  echo "FAILED: $1"
}

# run NAME COMMAND...: counts one result and goes on.
run() {
  if "${@:2}"; then passed=$((passed + 1)); else fail "$1"; fi
}

# counted NAME COMMAND...: shows what it prints and adds its "N passed, N failed".
counted() {
  local log="build/$1.log" status=0 line bad
  "${@:2}" 2>&1 | tee "$log" || status=$?
  line=$({ grep -oE '[0-9]+ passed, [0-9]+ failed' "$log" || true; } | tail -n 1)
  if [[ -z $line ]]; then
    fail "$1: it ended with $status and counted no test"
    return
  fi
  bad=${line#* passed, }
  bad=${bad% failed}
  passed=$((passed + ${line%% *}))
  failed=$((failed + bad))
  if ((bad > 0)); then
    failures+=("$1")
  elif ((status != 0)); then
    fail "$1: it ended with $status"
  fi
}

# build PRESET TARGET...: false if it fails, which is counted.
build() {
  local log="build/$1.configure.log"
  if ! cmake --preset "$1" >"$log" 2>&1; then
    cat "$log"
    fail "$1: configure"
    return 1
  fi
  cmake --build --preset "$1" --target "${@:2}" -- -k 0 && return
  fail "$1: build"
  return 1
}

programs=(test_config test_registry test_adapters test_router test_services test_integration)
# gtests FOLDER OPTION...: the test programs of a build folder.
gtests() { tests/run_tests.py "${@:2}" "${programs[@]/#/build/$1/}"; }

stage_lint() {
  run "lint: sources" python3 tests/lint/check_sources.py
  run "lint: metrics" tests/lint/check_metrics.py
  run "lint: scripts" tests/lint/check_scripts.sh
  run "lint: errors.sh" tests/lint/errors_test.sh
}

stage_unit() {
  local programs=("${programs[@]:0:5}")
  build test "${programs[@]}" || return 0
  counted unit gtests release
}

stage_integration() {
  local programs=(test_integration)
  build test moerge test_integration || return 0
  counted integration gtests release
}

stage_clients() {
  build test moerge || return 0
  counted clients tests/clients/run.sh build/release/moerge
}

stage_browser() {
  build test moerge || return 0
  counted browser tests/browser/run.sh build/release/moerge
}

stage_agents() {
  build test moerge || return 0
  counted agents tests/clients/run.sh build/release/moerge more
}

# A batch whose server is killed at 50 moments.
stage_crash() {
  build test moerge test_integration || return 0
  MOERGE_KILLS=50 run crash build/release/test_integration --gtest_brief=1 \
    --gtest_filter=Batches.AKilledServerGoesOnWhereItWas
}

stage_report() {
  build test moerge || return 0
  run report tests/bench/experts/run.sh --moerge build/release/moerge --if-data
}

stage_asan() {
  build asan moerge "${programs[@]}" || return 0
  ASAN_OPTIONS=detect_stack_use_after_return=1:exitcode=99 counted asan gtests asan
}

# What one thread alone runs, ThreadSanitizer has nothing to say about.
stage_tsan() {
  build tsan moerge "${programs[@]}" || return 0
  TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/tests/tsan.supp" \
    counted tsan gtests tsan '--filter=-Json*:Yaml*:Config*:Utf8*:Tool*:Text*'
}

stage_fuzz() {
  local targets=() target seeds
  for target in tests/fuzz/*_fuzz.cc; do targets+=("$(basename "$target" .cc)"); done
  build fuzz "${targets[@]}" || return 0
  for target in "${targets[@]}"; do
    mkdir -p "build/corpus/$target"
    seeds=()
    [[ -d tests/fuzz/seeds/$target ]] && seeds=("tests/fuzz/seeds/$target")
    run "fuzz: $target" "build/fuzz/$target" -max_total_time="${FUZZ_SECONDS:-20}" -timeout=10 \
      -rss_limit_mb=2048 -max_len=65536 -verbosity=0 -print_final_stats=0 \
      -artifact_prefix="build/corpus/$target-" "build/corpus/$target" "${seeds[@]}"
  done
}

stages=("$@")
((${#stages[@]})) || stages=("${quick[@]}")
[[ ${stages[*]} == all ]] && stages=("${quick[@]}" "${thorough[@]}")
for stage in "${stages[@]}"; do
  declare -F "stage_$stage" >/dev/null && continue
  echo "unknown stage: $stage; there are: ${quick[*]} ${thorough[*]} ${apart[*]}, or all" >&2
  exit 2
done

mkdir -p build
deploy/install-packages.sh test
# Another clone of the same sources finds what this one compiled.
export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
for stage in "${stages[@]}"; do
  say "$stage"
  started=$SECONDS
  "stage_$stage"
  echo "$stage: $((SECONDS - started)) s"
done

say "result"
for failure in "${failures[@]}"; do echo "failed: $failure"; done
echo "$passed passed, $failed failed"
((failed == 0)) || exit 1
