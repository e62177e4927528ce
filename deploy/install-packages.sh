#!/usr/bin/env bash
# Installs the Debian packages that moerge needs, after naming those that are missing.
# usage: deploy/install-packages.sh build|compile|dashboard|test|bench|browser ...
# Each includes what it needs of the others; build: compile, and dashboard, which bundles that.
set -euo pipefail
. "$(dirname "$0")/errors.sh"

compile=(g++ cmake ninja-build libboost1.81-dev libcurl4-openssl-dev libssl-dev
  zlib1g-dev libbrotli-dev libsqlite3-dev libyaml-cpp-dev libcli11-dev prometheus-cpp-dev
  rapidjson-dev libutf8proc-dev libre2-dev libgmp-dev libmpfr-dev libseccomp-dev ca-certificates curl)
dashboard=(nodejs npm)
build=("${compile[@]}" "${dashboard[@]}")
test=(ccache libgtest-dev libgmock-dev clang-14 libclang-rt-14-dev python3 python3-venv git
  bubblewrap json-schema-test-suite clang-format-14 shellcheck)
bench=(nginx-light haproxy wrk python3 python3-venv)
browser=("${dashboard[@]}" chromium fonts-dejavu-core)

wanted=()
for set in "$@"; do
  case $set in
    build) wanted+=("${build[@]}") ;;
    compile) wanted+=("${compile[@]}") ;;
    dashboard) wanted+=("${dashboard[@]}") ;;
    test) wanted+=("${build[@]}" "${test[@]}") ;;
    bench) wanted+=("${build[@]}" "${bench[@]}") ;;
    browser) wanted+=("${browser[@]}") ;;
    *) echo "usage: deploy/install-packages.sh build|compile|dashboard|test|bench|browser ..." >&2; exit 2 ;;
  esac
done

# dpkg-query fails for a package that it has never heard of.
installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true) == installed ]]; }

missing=()
for package in "${wanted[@]}"; do
  # A full nginx does as well as the light one; Node.js may come from elsewhere, with its npm.
  case $package in
    nginx-light) command -v nginx >/dev/null && continue ;;
    nodejs) command -v node >/dev/null && continue ;;
    npm) command -v npm >/dev/null && continue ;;
  esac
  [[ " ${missing[*]-} " == *" $package "* ]] || installed "$package" || missing+=("$package")
done
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
  echo "This system has no apt-get. moerge builds on Debian 12 with: ${wanted[*]}" >&2
  exit 1
fi
as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    cat >&2 <<END
These Debian packages are missing: ${missing[*]}
You are not root and there is no sudo here. As root, run
  apt-get update && apt-get install --no-install-recommends ${missing[*]}
then run this command again as yourself.
END
    exit 1
  fi
  as_root=(sudo)
fi
echo "Missing Debian packages, to be installed now: ${missing[*]}"
if [[ " ${missing[*]} " == *" libboost1.81-dev "* ]]; then
  # dpkg-query fails where no Boost package is known.
  other=$(dpkg-query -W -f '${Package} ${Status}\n' 'libboost*-dev' 2>/dev/null |
    awk '/install ok installed/ && $1 !~ /1\.81/ {print $1}' | tr '\n' ' ' || true)
  if [[ -n $other ]]; then
    echo "Note: libboost1.81-dev replaces the Boost that is installed now ($other)."
  fi
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    echo "apt-get $1 failed; its last lines are above" >&2
    exit 1
  }
}
echo "  reading the package lists ..."
run update
echo "  installing ${#missing[@]} packages ..."
run install -y --no-install-recommends "${missing[@]}"
echo "  done"
