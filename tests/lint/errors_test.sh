#!/usr/bin/env bash
# Scripts that fail in one way each must name themselves, the line and the command, and keep the exit code.
# usage: tests/lint/errors_test.sh
set -euo pipefail
. "$(dirname "$0")/../../deploy/errors.sh"
cd "$(dirname "$0")/../.."


errors=$PWD/deploy/errors.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
wrong=0

# expect CODE TEXT BODY...: a script with these lines behind the first three ends so and says so.
expect() {
  local code=$1 text=$2 said status=0
  printf '%s\n' '#!/usr/bin/env bash' 'set -euo pipefail' ". $errors" "${@:3}" >"$folder/case.sh"
  said=$(bash "$folder/case.sh" 2>&1) || status=$?
  [[ $status == "$code" && $said == *"$text"* ]] && return
  wrong=$((wrong + 1))
  printf 'errors.sh: expected exit code %s and "%s", got %s and "%s" from:\n' "$code" "$text" "$status" "$said"
  printf '  %s\n' "${@:3}"
}

expect 1 'case.sh: line 4: ended with exit code 1: false' 'false'
expect 7 'case.sh: line 5: ended with exit code 7: ' '# in a variable' 'kept=$(bash -c "exit 7")'
expect 1 'case.sh: line 4: ended with exit code 1: ' 'kept=$(grep -o nothing /dev/null | tail -n 1)'
expect 3 'case.sh: line 5: ended with exit code 3: return 3' 'inner() { return 3; }' 'inner'
expect 127 'case.sh: line 4: ended with exit code 127: no_such_command' 'no_such_command'
expect 1 'case.sh: line 4: given: unbound variable' 'echo "$given"'
expect 5 'ended with exit code 5: ' '(exit 5)'
expect 0 'fine' 'false || true' 'if false; then :; fi' 'echo fine'
((wrong == 0)) || exit 1
