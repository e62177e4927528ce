#!/usr/bin/env bash
# Builds moerge, starts it with its built-in experts, asks it a few things and leaves it running.
# usage: deploy/quickstart.sh        start (again), ask
#        deploy/quickstart.sh stop   stop the server that an earlier run left running
#   MOERGE_PORT  port to listen on, default 8080
set -euo pipefail
. "$(dirname "$0")/errors.sh"
cd "$(dirname "$0")/.."
root=$PWD
state=$root/build/quickstart
port=${MOERGE_PORT:-8080}

running_pid() {
  local pid
  pid=$(cat "$state/pid" 2>/dev/null) || return 1
  [[ -n $pid && $(readlink "/proc/$pid/exe" 2>/dev/null) == "$root/build/release/moerge"* ]] || return 1
  echo "$pid"
}

stop_server() {
  local pid
  pid=$(running_pid) || return 0
  kill "$pid"
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  rm -f "$state/pid"
}

if [[ ${1:-} == stop ]]; then
  running_pid >/dev/null || { echo "no moerge of the quickstart is running"; exit 0; }
  stop_server
  echo "stopped"
  exit 0
fi

mkdir -p "$state"
configure() {
  cmake --preset release >"$state/configure.log" 2>&1 ||
    { tail -n 30 "$state/configure.log" >&2; exit 1; }
}

echo "1/4  packages"
# Debian's npm is nearly four hundred small packages, and only the bundle of the dashboard needs it: where
# nobody has to be asked for a password, they are installed while everything else is compiled.
later=""
if ! { command -v node && command -v npm; } >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }; then
  deploy/install-packages.sh compile
  deploy/install-packages.sh dashboard >"$state/dashboard-packages.log" 2>&1 &
  later=$!
else
  deploy/install-packages.sh build
fi

echo "2/4  build (the first one takes some minutes)"
configure
if [[ -n $later ]]; then
  echo "     Node.js and npm, for the dashboard, are installed meanwhile"
  built=0
  MOERGE_DASHBOARD=later cmake --build --preset release --target moerge || built=$?
  wait "$later" ||
    { cat "$state/dashboard-packages.log"; echo "     moerge is built without its dashboard"; } >&2
  ((built == 0)) || exit "$built"
  configure
fi
cmake --build --preset release --target moerge

echo "3/4  start"
stop_server
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  taken=$port
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "     port $taken is taken by another program, so this one listens on $port"
fi
cd "$state"
# No configuration file: the embedded defaults, with the store beside the log.
nohup "$root/build/release/moerge" serve --listen "127.0.0.1:$port" >"$state/moerge.log" 2>&1 &
echo $! >"$state/pid"
cd "$root"
url=http://127.0.0.1:$port
for _ in $(seq 600); do
  curl -fs "$url/ready" >/dev/null 2>&1 && break
  kill -0 "$(cat "$state/pid")" 2>/dev/null || { cat "$state/moerge.log" >&2; exit 1; }
  sleep 0.1
done
curl -fsS "$url/ready" >/dev/null || { tail -n 20 "$state/moerge.log" >&2; exit 1; }
echo "     moerge runs at $url (log: build/quickstart/moerge.log)"

echo "4/4  some requests through $url/v1/chat/completions, each with the decision behind it"
ask() {
  echo
  build/release/moerge ask --server "$url" --explain "$1" || true
}
ask "What is 2^127 - 1, exactly?"
ask "How many days are there between 3 March 2021 and 25 December 2024?"
ask "Convert 5 ft 11 in to centimetres."
ask "How many times does the letter r appear in \"strawberry\"?"
ask "Prove that there are infinitely many primes."

cat <<END

The last one had no expert: only the built-in tools are registered. Add a model that you serve:
  build/release/moerge init          finds Ollama, vLLM, llama.cpp, LM Studio and API keys, writes moerge.yaml
  build/release/moerge serve --config moerge.yaml
or, to the running server:
  curl $url/api/v1/backends -H 'content-type: application/json' -d '{"name":"local","protocol":"openai","base_url":"http://127.0.0.1:8000/v1"}'
  build/release/moerge experts add my-model --server $url --backend local --model MODEL --skill general=0.6

moerge is still running. Any OpenAI client can use it: base URL $url/v1, model "auto".
  deploy/quickstart.sh stop          stops it
END
