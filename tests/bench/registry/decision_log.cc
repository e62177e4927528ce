// What kept decisions cost, and how long questions about 1,000,000 of them take while 2,000 a
// second are written. Prints, asserts nothing.
//
//   bench_decision_log [FOLDER] [DECISIONS]
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "config/base/ordered_id.h"
#include "config/base/random.h"
#include "registry/decision_log.h"
#include "registry/decision_queue.h"
#include "registry/store.h"
#include "tests/bench/registry/common/or_fail.h"

namespace moerge {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kGroup = static_cast<int>(DecisionQueue::kGroup);
constexpr int kHours = 7 * 24;

double ThreadCpu() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// As long as a decision among five experts.
std::string Json(int number) {
  std::string json =
      R"({"id":"0123456789abcdef0123456789abcdef","object":"moerge.decision","time":")"
      R"(2026-01-31T12:00:00.000Z","request_id":"r","revision":7,"model":"auto",)"
      R"("policy":"auto","stream":false,"outcome":"ok","expert":"e","error":null,)"
      R"("signals":null,"demand":{"classifier":"lexical","confidence":0.8123,)"
      R"("bytes_read":102,"bytes_total":102,"skills":[)";
  for (int i = 0; i < 8; ++i) {
    json += i == 0 ? "" : ",";
    json +=
        R"({"skill":"algebra-)" + std::to_string(number % 40 + i) + R"(","probability":0.0175})";
  }
  json += R"(],"notes":[]},"considered":7,"candidates":[)";
  for (int i = 0; i < 5; ++i) {
    json += i == 0 ? "" : ",";
    json += R"({"expert":"organisation/model-)" + std::to_string(i) +
            R"(","expected":0.6035,"low":0.4279,"high":0.7791,"price":0.25,"utility":0.6035,)"
            R"("excluded":null})";
  }
  return json +
         R"(],"roster":[{"expert":"organisation/model-0","weight":1}],"fallbacks":[],)"
         R"("confidence":0.8,"null_seats":0,"uncertain":false,"broadcast":0,)"
         R"("abstained":false,"reasons":["large: expected 0.80 (0.66-0.94), 0.20 above small"],)"
         R"("attempts":[],"usage":null,"cost_usd":0,"request":{"user":")" +
         std::string(300, 'x') + R"(","system":"","earlier":[],"truncated":false}})";
}

// Experts, skills and clients with a few that are rare, spread over a week.
DecisionRecord Record(int number, int count, Random* random, WallTime end) {
  const auto pick = [&](const char* name, std::uint64_t of) {
    return name + std::to_string(std::min(random->Below(of), random->Below(of)));
  };
  DecisionRecord record;
  const double share = static_cast<double>(count - number) / count;
  record.time = end - std::chrono::milliseconds(static_cast<std::int64_t>(share * kHours * 3.6e6));
  record.id = OrderedId(record.time);
  record.request_id = "request-" + std::to_string(number);
  record.policy = random->Below(10) == 0 ? "careful" : "auto";
  record.expert = pick("organisation/model-", 20);
  record.skill = pick("skill-", 40);
  record.outcome = random->Below(100) == 0 ? "error" : "ok";
  record.status = record.outcome == "ok" ? 200 : 502;
  record.client = number == count / 2 ? "seen-once" : pick("key-", 20);
  record.prompt_tokens = 120;
  record.completion_tokens = 300;
  record.cost_usd = 0.0012;
  record.latency_ms = 800;
  record.calls = 1;
  record.json = Json(number);
  return record;
}

double Fill(Store& store, int count, Random* random) {
  const WallTime end = std::chrono::system_clock::now();
  std::vector<DecisionRecord> group;
  double cpu = 0;
  for (int i = 0; i < count; ++i) {
    group.push_back(Record(i, count, random, end));
    if (group.size() < kGroup) continue;
    const double before = ThreadCpu();
    OrFail(store.decisions().Add(group));
    cpu += ThreadCpu() - before;
    group.clear();
  }
  return 1e6 * cpu / count;
}

void Timed(const char* what, const std::function<std::size_t()>& ask) {
  std::vector<double> ms;
  std::vector<double> cpu;
  std::size_t rows = 0;
  for (int i = 0; i < 100; ++i) {
    const auto began = Clock::now();
    const double before = ThreadCpu();
    rows = ask();
    cpu.push_back(1e3 * (ThreadCpu() - before));
    ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
  }
  std::sort(ms.begin(), ms.end());
  std::sort(cpu.begin(), cpu.end());
  std::printf("  %-46s %5zu rows  p50 %7.2f ms  p99 %7.2f ms  CPU p50 %6.2f ms\n", what, rows,
              ms[50], ms[98], cpu[50]);
}

void Ask(DecisionQueries& log, const std::string& some_id) {
  const auto list = [&](DecisionFilter filter) { return OrFail(log.List(filter)).size(); };
  DecisionFilter filter;
  Timed("the newest 50", [&] { return list({}); });
  filter.expert = "organisation/model-3";
  Timed("of an expert", [&] { return list(filter); });
  filter.skill = "skill-35";
  filter.outcome = "error";
  Timed("of an expert, a skill and an outcome", [&] { return list(filter); });
  filter = {};
  filter.client = "seen-once";
  Timed("of a client that asked once", [&] { return list(filter); });
  filter.client = "never";
  Timed("of a client that never asked", [&] { return list(filter); });
  filter = {};
  filter.policy = "careful";
  filter.since = std::chrono::system_clock::now() - std::chrono::hours(100);
  filter.until = *filter.since + std::chrono::hours(1);
  Timed("of a policy in an hour of last week", [&] { return list(filter); });
  filter = {};
  filter.before_id = some_id;
  Timed("50 more from the middle", [&] { return list(filter); });
  Timed("one by its id", [&] { return OrFail(log.Get(some_id)).has_value() ? 1u : 0u; });
  UsageFilter usage;
  Timed("sums per hour of a week", [&] { return OrFail(log.Usage(usage)).size(); });
  usage.group = UsageGroup::kExpert;
  usage.limit = 10'000;
  Timed("sums per hour and expert", [&] { return OrFail(log.Usage(usage)).size(); });
  usage.per_day = true;
  usage.client = "key-3";
  Timed("sums per day and expert of one client", [&] { return OrFail(log.Usage(usage)).size(); });
}

void Main(const std::string& parent, int count) {
  std::string folder = parent + "/moerge-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) std::exit(1);
  auto store = OrFail(OpenStore("sqlite:" + folder + "/decisions.db"));
  Random random(1);
  std::printf("%d decisions in groups of %d: %.2f us of CPU each\n", count, kGroup,
              Fill(*store, count, &random));
  std::atomic<bool> stop = false;
  std::vector<double> writes;
  double cpu = 0;
  std::thread writer([&] {
    auto next = Clock::now();
    while (!stop) {
      std::vector<DecisionRecord> group;
      for (int i = 0; i < kGroup; ++i) {
        group.push_back(Record(count, count, &random, std::chrono::system_clock::now()));
      }
      const auto began = Clock::now();
      const double before = ThreadCpu();
      OrFail(store->decisions().Add(group));
      cpu += ThreadCpu() - before;
      writes.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
      std::this_thread::sleep_until(next += std::chrono::milliseconds(kGroup / 2));
    }
  });
  auto reader = OrFail(store->OpenReader());
  DecisionFilter middle;
  middle.until = std::chrono::system_clock::now() - std::chrono::hours(kHours / 2);
  const std::string some_id = OrFail(reader->decisions().List(middle)).front().id;
  std::printf("while 2000 a second are written:\n");
  Ask(reader->decisions(), some_id);
  stop = true;
  writer.join();
  std::sort(writes.begin(), writes.end());
  std::printf("  a group of %d is written: p50 %.2f ms, p99 %.2f ms, %.2f us of CPU a decision\n",
              kGroup, writes[writes.size() / 2], writes[writes.size() * 99 / 100],
              1e6 * cpu / static_cast<double>(writes.size() * kGroup));
  std::printf("  file: %.0f MB\n",
              static_cast<double>(std::filesystem::file_size(folder + "/decisions.db")) / 1e6);
  store.reset();
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : std::filesystem::temp_directory_path().string();
  moerge::Main(folder, argc > 2 ? std::atoi(argv[2]) : 1'000'000);
  return 0;
}
