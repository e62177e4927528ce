#!/usr/bin/env bash
# Real clients against a running moerge: OpenAI's SDKs and frameworks, or with `more` agents, too.
# usage: tests/clients/run.sh MOERGE_BINARY [more | SUITE...]     suites: see the arrays below
# What cannot be installed here is named as not run.
set -euo pipefail
. "$(dirname "$0")/../../deploy/errors.sh"
binary=$(realpath "${1:?usage: tests/clients/run.sh MOERGE_BINARY [more | SUITE...]}")
[[ -x $binary ]] || { echo "no program at $binary" >&2; exit 1; }
cd "$(dirname "$0")"
command -v npm >/dev/null || ../../deploy/install-packages.sh test
mkdir -p ../../build/clients
build=$(realpath ../../build/clients)

basic=(table node python go java ai_sdk langchain pydantic_ai litellm llm llamaindex schema otlp)
more=(opencode qwen cn aider)
case ${2-} in
  '') wanted=("${basic[@]}") ;;
  more) wanted=("${more[@]}") ;;
  *) wanted=("${@:2}") ;;
esac
suites=()

# wants NAME...: whether one of these suites is to be run.
wants() {
  local name
  for name in "$@"; do [[ " ${wanted[*]} " == *" $name "* ]] && return; done
  return 1
}

# ready NAME...: these suites can be run; those that are wanted will be.
ready() {
  local name
  for name in "$@"; do if wants "$name"; then suites+=("$name"); fi; done
}

# packages FOLDER INTO: what FOLDER/package-lock.json pins, in INTO/node_modules.
packages() {
  [[ -d $2/node_modules ]] && cmp -s "$1/package-lock.json" "$build/$1-lock.json" && return
  echo "installing the packages of $1/package.json ..."
  if [[ $1 != "$2" ]]; then mkdir -p "$2" && cp "$1"/package*.json "$2/"; fi
  (cd "$2" && npm ci --loglevel=error --no-audit --no-fund) || return
  cp "$1/package-lock.json" "$build/$1-lock.json"
}

# venv NAME: $build/NAME with what python/requirements-NAME.txt pins.
venv() {
  local pins=python/requirements-$1.txt all
  all=$(cat "$pins" "python/constraints-$1.txt" 2>/dev/null || true)
  [[ $all == "$(cat "$build/$1.txt" 2>/dev/null || true)" ]] && return
  echo "installing the packages of $pins ..."
  python3 -m venv "$build/$1" && "$build/$1/bin/pip" install -q -r "$pins" || return
  echo "$all" >"$build/$1.txt"
}

ready table

missing() { echo "NOT RUN: $1"; }

if wants node ai_sdk; then
  if packages node node; then ready node ai_sdk; else missing "the clients for Node.js (see above)"; fi
fi
for pair in sdk:python frameworks:"langchain pydantic_ai litellm llm" llamaindex:llamaindex aider:aider \
  schema:schema otlp:otlp; do
  read -ra names <<<"${pair#*:}"
  wants "${names[@]}" || continue
  if venv "${pair%%:*}"; then
    ready "${names[@]}"
  else
    missing "${names[*]}, of PyPI (see above)"
  fi
done
if wants go; then
  if command -v go >/dev/null && (cd go && go build -o "$build/go-sdk-test" .); then
    ready go
  else
    missing "the SDK for Go: it wants the Go of go/go.mod"
  fi
fi
if wants java; then
  if command -v mvn >/dev/null && (cd java && mvn -q -B -Dstyle.color=never \
    dependency:build-classpath -Dmdep.outputFile="$build/java.classpath"); then
    ready java
  else
    missing "the SDK for Java: it wants Maven and Java 17"
  fi
fi
if wants opencode qwen cn; then
  if packages agents "$build/agents"; then
    ready opencode qwen cn
  else
    missing "the agents of npm (see above)"
  fi
fi
((${#suites[@]})) || { echo "no suite can be run here" >&2; exit 1; }
exec python3 stage.py "$binary" "$build" "${suites[@]}"
