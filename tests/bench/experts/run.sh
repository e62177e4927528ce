#!/usr/bin/env bash
# Real questions, recorded replies of ten real models, routed through moerge. Options: run.sh --help,
# and README.md.
set -euo pipefail
. "$(dirname "$0")/../../../deploy/errors.sh"
exec python3 "$(dirname "$0")/experts.py" "$@"
