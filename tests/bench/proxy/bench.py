"""The proxy benchmark's command; README.md says what it measures. run.sh prepares and starts it."""

import argparse
import json
import resource
import signal
import sys

import proxies
import report
import stages

STAGES = ["plain", "paced", "burst", "idle", "many"]
ONCE = ["idle", "many"]  # memory and failures: rounds would only repeat them


def arguments():
    parser = argparse.ArgumentParser(prog="run.sh", description="Benchmarks reverse proxies.")
    parser.add_argument("--only", default="nginx,haproxy,moerge,portkey,litellm", help="proxies, in turn")
    parser.add_argument("--stages", default=",".join(STAGES), help="default: %(default)s")
    parser.add_argument("--seconds", type=int, default=4, help="of each load (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many (%(default)s)")
    parser.add_argument("--connections", type=int, default=64, help="at once (%(default)s)")
    parser.add_argument("--idle", type=int, default=5000, help="idle connections (%(default)s)")
    parser.add_argument("--streams", type=int, default=2000, help="all at once (%(default)s)")
    parser.add_argument("--moerge", default="build/release/moerge", metavar="PATH")
    parser.add_argument("--json", metavar="FILE", help="writes all numbers there")
    parser.add_argument("--tools", required=True, help=argparse.SUPPRESS)
    return check(parser, parser.parse_args())


def check(parser, given):
    bounds = {"seconds": 60, "rounds": 20, "connections": 4000, "idle": 8000, "streams": 4000}
    for name, most in bounds.items():
        if not 1 <= getattr(given, name) <= most:
            parser.error(f"--{name}: allowed is 1 to {most}")
    given.stages = given.stages.split(",")
    unknown = set(given.stages) - set(STAGES)
    if unknown:
        parser.error(f"--stages: there is no {', '.join(sorted(unknown))}")
    return given


def chosen_proxies(given):
    known = {"nginx": proxies.Nginx(), "haproxy": proxies.Haproxy(),
             "moerge": proxies.Moerge(given.moerge),
             "portkey": proxies.Portkey(f"{given.tools}/portkey/node_modules"),
             "litellm": proxies.Litellm(f"{given.tools}/litellm")}
    names = given.only.split(",")
    problems = [f"there is no proxy '{name}'; there are: {', '.join(known)}"
                for name in names if name not in known]
    problems += [known[name].missing() for name in names if name in known and known[name].missing()]
    if problems:
        raise SystemExit("\n".join(problems))
    return [known[name] for name in names]


def measure(bench, given, chosen):
    """Rounds per proxy; the proxies take turns within a round."""
    rounds = {proxy.name: [] for proxy in chosen}
    for number in range(given.rounds):
        for proxy in chosen:
            rounds[proxy.name].append({})
        for stage in given.stages:
            if number > 0 and stage in ONCE:
                continue
            for proxy in chosen:
                print(f"round {number + 1} of {given.rounds}: {stage}: {proxy.name}",
                      file=sys.stderr, flush=True)
                rounds[proxy.name][-1].update(getattr(bench, stage)(proxy))
    return rounds


def write_json(path, given, rounds, results):
    with open(path, "w") as file:
        json.dump({"machine": report.machine(), "versions": report.versions(given.tools),
                   "settings": {name: getattr(given, name) for name in
                                ("seconds", "rounds", "connections", "idle", "streams")},
                   "medians": results, "rounds": rounds}, file, indent=1)
        file.write("\n")


def describe(bench, given):
    machine = report.machine()
    return (f"\n{machine['processor']}, load average {machine['load_average'][0]:.1f}; proxy alone "
            f"on core {bench.proxy_core}, one worker each; load and upstream on core "
            f"{bench.load_core}\n{given.connections} connections, {given.seconds} s per load, "
            f"medians of {given.rounds} rounds in turn; in brackets: to nginx\n")


def leave(number, frame):
    """Leaves every `with`, so that no process and no folder stays behind."""
    del frame
    sys.exit(128 + number)


def main():
    given = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    chosen = chosen_proxies(given)
    bench = stages.Bench(given.tools, given.connections, given.seconds, given.idle, given.streams)
    bench.check_client()
    rounds = measure(bench, given, chosen)
    results = {name: report.medians(of_proxy) for name, of_proxy in rounds.items()}
    print(describe(bench, given))
    print(report.table(results, given.stages))
    if given.json:
        write_json(given.json, given, rounds, results)


if __name__ == "__main__":
    main()
