#!/usr/bin/env bash
# Both commands of the README on a Debian 12 that has nothing but its smallest set of packages: makes
# one below build/fresh, puts a clone of the committed state into it, and runs there
#   1. deploy/quickstart.sh as a user who may install nothing: it must say what is missing,
#   2. deploy/quickstart.sh as root, and a question over HTTP,
#   3. tests/run.sh.
# usage: tests/fresh/run.sh              all of it
#        tests/fresh/run.sh quickstart   without the last step
# As root, as it makes a root of its own; in namespaces of its own, so that no mount and no process
# outlives it. Takes along where this machine's packages come from: apt, pip, npm, certificates.
set -euo pipefail
. "$(dirname "$0")/../../deploy/errors.sh"
cd "$(dirname "$0")/../.."

source=$PWD
folder=$source/build/fresh
root=$folder/root
step="start"
passed=0

say() {
  step=$1
  printf '\n== %s\n' "$step"
}
finish() {
  local status=$?
  ((status == 0)) || echo "tests/fresh/run.sh failed at: $step (logs: build/fresh)" >&2
}
check() {
  echo "ok: $1"
  passed=$((passed + 1))
}
stop() {
  echo "$*" >&2
  exit 1
}
# How long a command takes, and how much of the processors it gets, which other work does not change.
measured() {
  local status=0 TIMEFORMAT='%R %U %S' took
  # The command gets none of the other descriptors: a server that it leaves running would keep the
  # pipe behind this open.
  { time "$@" >&3 2>&4 3>&- 4>&-; } 3>&1 4>&2 2>"$timing" || status=$?
  read -r -a took < <(tail -n 1 "$timing")
  echo "took ${took[0]} s, processor time ${took[1]} s + ${took[2]} s system," \
    "load average $(cut -d' ' -f1 /proc/loadavg) on $(nproc) cores"
  return "$status"
}

# --- outside: makes the root and enters it ---

make_root() {
  local origins=() options=() file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    if [[ -s $file ]]; then origins+=("$file"); fi
  done
  for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
    if [[ -f $file ]] && grep -q '^ *Acquire' "$file"; then options+=("--aptopt=$file"); fi
  done
  rm -rf --one-file-system "$root"
  mmdebstrap --quiet --variant=minbase "${options[@]}" bookworm "$root" "${origins[@]}" \
    >"$folder/mmdebstrap.log" 2>&1 || { tail -n 20 "$folder/mmdebstrap.log" >&2; return 1; }
}

# The settings of pip and npm, and certificates that the environment names, at the same places.
take_settings() {
  local file
  for file in /etc/pip.conf /etc/npmrc /root/.npmrc /root/.config/pip/pip.conf /etc/resolv.conf /etc/hosts \
    "${SSL_CERT_FILE:-}" "${PIP_CERT:-}" "${NODE_EXTRA_CA_CERTS:-}"; do
    [[ -n $file && -f $file ]] || continue
    mkdir -p "$root$(dirname "$file")"
    cp --dereference --preserve=mode "$file" "$root$file"
  done
  # The package ca-certificates makes its bundle again, and what is here becomes part of that.
  [[ -n ${SSL_CERT_FILE:-} && -f $SSL_CERT_FILE ]] || return 0
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp --dereference "$SSL_CERT_FILE" "$root/usr/local/share/ca-certificates/of-this-machine.crt"
}

clone_into() {
  rm -rf "${root:?}$1/moerge"
  git clone -q --no-hardlinks "$source" "$root$1/moerge"
}

outside() {
  trap finish EXIT
  ((EUID == 0)) || stop "tests/fresh/run.sh needs root: it makes a root folder and mounts /proc and /dev in it"
  grep -q ' .*'"$root" /proc/self/mounts && stop "something is mounted below $root; unmount it first"
  mkdir -p "$folder"
  say "a bare Debian 12"
  if ! command -v mmdebstrap >/dev/null; then
    apt-get -q update >"$folder/apt.log" 2>&1
    apt-get -q install -y --no-install-recommends mmdebstrap >>"$folder/apt.log" 2>&1
  fi
  make_root
  take_settings
  say "a clone of $(git log -1 --format='%h %s')"
  clone_into /root
  chroot "$root" useradd -m newcomer
  clone_into /home/newcomer
  chroot "$root" chown -R newcomer: /home/newcomer/moerge
  step="inside of it"
  unshare --mount --pid --fork --kill-child bash "$source/tests/fresh/run.sh" --inside "${1:-}"
  rm -rf --one-file-system "$root"
}

# --- inside: with the root as /, in its own mount and process namespaces ---

enter_root() {
  mount --make-rprivate /
  mount --bind "$root" "$root"
  cd "$root"
  mkdir -p old
  pivot_root . old
  cd /
  mount -t proc proc /proc
  mount --rbind /old/dev /dev
  umount --lazy /old
  rmdir /old
  export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TERM=dumb
  timing=/tmp/timing
}

as_ordinary_user() {
  local said status=0
  said=$(su newcomer -c 'cd ~/moerge && deploy/quickstart.sh' 2>&1) || status=$?
  printf '%s\n' "$said"
  ((status != 0)) || stop "the quickstart succeeded without its packages"
  [[ $said == *"As root, run"*"apt-get install"*"g++"* ]] || stop "it does not say what to install"
  check "a user who may install nothing is told what is missing"
}

question='{"model": "auto", "messages": [{"role": "user", "content": "What is 2^127 - 1, exactly?"}]}'
quickstart() {
  measured deploy/quickstart.sh 2>&1 | tee /tmp/quickstart.log
  check "the quickstart ends well"
  local url answer
  url=$(sed -n 's/^ *moerge runs at \([^ ]*\).*/\1/p' /tmp/quickstart.log)
  [[ -n $url ]] || stop "the quickstart does not say where moerge runs"
  answer=$(curl -fsS "$url/v1/chat/completions" -H 'Content-Type: application/json' -d "$question")
  [[ $answer == *170141183460469231731687303715884105727* ]] || stop "the answer is wrong: $answer"
  check "a question over HTTP is answered"
  deploy/quickstart.sh stop
  ! curl -fs "$url/ready" >/dev/null || stop "the server still runs"
  check "it stops"
}

tests() {
  measured tests/run.sh 2>&1 | tee /tmp/tests.log
  grep -qE '^[1-9][0-9]* passed, 0 failed$' /tmp/tests.log || stop "tests/run.sh counts no test or failures"
  check "tests/run.sh: $(tail -n 2 /tmp/tests.log | head -n 1)"
}

inside() {
  trap finish EXIT
  enter_root
  say "the quickstart as an ordinary user without sudo"
  as_ordinary_user
  cd /root/moerge
  say "the quickstart as root"
  quickstart
  if [[ ${1:-} != quickstart ]]; then
    say "tests/run.sh"
    tests
  fi
  say "result"
  echo "$passed passed, 0 failed"
}

case ${1:-} in
  --inside) inside "${2:-}" ;;
  "" | quickstart) outside "${1:-}" ;;
  *) stop "usage: tests/fresh/run.sh [quickstart]" ;;
esac
