#!/usr/bin/env bash
# The proxy benchmark in one command: installs what is missing from Debian, npm and PyPI, builds the
# two load programs, runs. Options: run.sh --help, and README.md.
set -euo pipefail
. "$(dirname "$0")/../../../deploy/errors.sh"

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
tools=$root/build/bench

only=nginx,haproxy,moerge,portkey,litellm
chosen=false
previous=
for argument in "$@"; do
  [ "$previous" = --only ] && only=$argument chosen=true
  case $argument in --only=*) only=${argument#--only=} chosen=true ;; esac
  previous=$argument
done

wanted() { [[ ",$only," == *",$1,"* ]]; }

install_portkey() {
  local folder=$tools/portkey
  [ -d "$folder/node_modules/@portkey-ai/gateway" ] &&
    cmp -s "$here/portkey/package.json" "$folder/package.json" && return
  echo "installing with npm: @portkey-ai/gateway" >&2
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$here/portkey/package.json" "$folder/new.json"
  (cd "$folder" && cp new.json package.json &&
    npm install --ignore-scripts --no-audit --no-fund --no-package-lock --silent >&2)
}

# One fixed version, so that runs can be compared.
litellm=1.108.7

install_litellm() {
  local folder=$tools/litellm
  [ "$(cat "$folder/installed" 2>/dev/null)" = "$litellm" ] && return
  echo "installing from PyPI: litellm[proxy] $litellm" >&2
  rm -rf "$folder"
  python3 -m venv "$folder" &&
    "$folder/bin/pip" install --quiet --disable-pip-version-check "litellm[proxy]==$litellm" >&2 &&
    echo "$litellm" >"$folder/installed"
}

# The others are measured without it where it was not asked for by name.
leave_litellm_out() {
  if $chosen; then
    echo "LiteLLM could not be installed (see above)" >&2
    exit 1
  fi
  echo "LiteLLM could not be installed (see above): its column is left out" >&2
  only=${only%,litellm}
}

# Small enough to be built here, so that the benchmark does not wait for the project's build.
build_program() {
  local program=$tools/bench_$1
  [ -x "$program" ] && [ -z "$(find "$here" -name '*.h' -newer "$program" -o \
    -name "$1.cc" -newer "$program")" ] && return
  echo "building bench_$1" >&2
  g++ -std=c++20 -O2 -Wall -Wextra -I "$root" "$here/$1.cc" -o "$program"
}

mkdir -p "$tools"
"$root/deploy/install-packages.sh" bench >&2
wanted portkey && install_portkey
if wanted litellm; then install_litellm || leave_litellm_out; fi
build_program upstream
build_program stream_client

moerge=()
case " $* " in *" --moerge"*) ;; *) moerge=(--moerge "$root/build/release/moerge") ;; esac
exec python3 -B "$here/bench.py" --tools "$tools" --only "$only" \
  ${moerge[@]+"${moerge[@]}"} "$@"
