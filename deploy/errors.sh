# shellcheck shell=bash
# Sourced by every script behind `set -euo pipefail`. `set -e` alone ends a script in silence, for
# example when a command whose output goes to a variable fails; with this one it says the script,
# the line, the command and the exit code, the innermost place first.
set -E
trap 'moerge_failed $? "${BASH_SOURCE[0]}" "$LINENO" "$BASH_COMMAND"' ERR
moerge_failed() { echo "$2: line $3: ended with exit code $1: $4" >&2; }
