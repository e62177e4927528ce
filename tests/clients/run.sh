#!/usr/bin/env bash
# The official OpenAI SDKs (npm and PyPI) against a running moerge.
# usage: tests/clients/run.sh MOERGE_BINARY
set -euo pipefail
. "$(dirname "$0")/../../deploy/errors.sh"
binary=$(realpath "${1:?usage: tests/clients/run.sh MOERGE_BINARY}")
[[ -x $binary ]] || { echo "no program at $binary" >&2; exit 1; }
cd "$(dirname "$0")"
command -v npm >/dev/null || ../../deploy/install-packages.sh test
build=../../build/clients
mkdir -p "$build"

if [[ ! -d node/node_modules/openai ]] ||
  ! cmp -s node/package-lock.json "$build/package-lock.json"; then
  echo "installing the SDK for Node.js (npm openai) ..."
  (cd node && npm ci --loglevel=error --no-audit --no-fund)
  cp node/package-lock.json "$build/package-lock.json"
fi

sdks=(node)
if cmp -s python/requirements.txt "$build/requirements.txt"; then
  sdks+=(python)
else
  echo "installing the SDK for Python (PyPI openai) ..."
  python3 -m venv "$build/venv"
  if "$build/venv/bin/pip" install -q -r python/requirements.txt; then
    cp python/requirements.txt "$build/requirements.txt"
    sdks+=(python)
  else
    echo "NOT RUN: the Python SDK, which could not be installed from PyPI (see above)"
  fi
fi
exec python3 stage.py "$binary" "$build/venv/bin/python" "${sdks[@]}"
