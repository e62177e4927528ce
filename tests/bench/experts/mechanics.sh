#!/usr/bin/env bash
# How answers of several simulated experts of known skill become one: the mechanism, not the quality of
# any model. Options: mechanics.sh --help, and README.md.
set -euo pipefail
. "$(dirname "$0")/../../../deploy/errors.sh"
exec python3 "$(dirname "$0")/mechanics.py" "$@"
