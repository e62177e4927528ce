// What the governance of a shared endpoint costs a request: a key with all limits, a session in
// place of a key, one that watches. CPU time of one thread, the best of seven rounds, next to an
// empty round of the same loop.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "registry/snapshot.h"
#include "services/access/access_state.h"
#include "services/api/access.h"
#include "services/api/decision_row.h"
#include "services/live/live_feed.h"

namespace {

using namespace moerge;

constexpr int kRequests = 200'000;
constexpr int kRounds = 7;

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double Microseconds(const std::function<void()>& request) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double begin = CpuSeconds();
    for (int i = 0; i < kRequests; ++i) request();
    best = std::min(best, (CpuSeconds() - begin) * 1e6 / kRequests);
  }
  return best;
}

void Print(const char* what, double us) { std::printf("%-62s %6.3f us\n", what, us); }

ApiKey KeyNumber(int number) {
  ApiKey key;
  key.name = "key-" + std::to_string(number);
  key.sha256 = Sha256Hex("moerge-key-" + std::to_string(number));
  return key;
}

Snapshot WithKeys(int count) {
  Snapshot snapshot;
  for (int i = 0; i < count; ++i) snapshot.keys.push_back(KeyNumber(i));
  snapshot.Seal();
  return snapshot;
}

void BenchLookups() {
  for (const int count : {1, 10'000}) {
    const Snapshot snapshot = WithKeys(count);
    http::Request request;
    request.headers.push_back({"authorization", "Bearer moerge-key-0"});
    Sessions sessions;
    const double us = Microseconds(
        [&] { (void)api::CheckAccess(snapshot, request, api::Access::kInference, sessions).ok(); });
    Print(("looking up a key among " + std::to_string(count)).c_str(), us);
  }
}

void BenchLimits() {
  KeyAccounts accounts;
  ApiKey key = KeyNumber(0);
  key.limits = {.requests_per_minute = 1'000'000'000,
                .tokens_per_minute = 1'000'000'000'000,
                .concurrent_requests = 100,
                .budget_usd_day = 1e9,
                .budget_usd_month = 1e9};
  const Spending expected{{.prompt_tokens = 500, .completion_tokens = 200}, 1e-4};
  const Spending actual{{.prompt_tokens = 480, .completion_tokens = 150}, 9e-5};
  const double us = Microseconds([&] {
    const auto account = accounts.For(key.name);
    const auto now = KeyAccount::Clock::now();
    (void)account->WantsSpent(key, now);
    (void)account->Enter(key, now).ok();
    (void)account->Left(now);
    (void)account->MayTake(700, now).ok();
    (void)account->Reserve(expected).ok();
    account->Settle(expected, actual);
    account->Leave();
  });
  Print("a key with every limit, one call of an expert", us);
}

void BenchFeed() {
  LiveFeed feed;
  const auto counts = feed.AddLoop();
  DecisionRecord row;
  row.id = row.request_id = RandomId();
  row.time = std::chrono::system_clock::now();
  row.policy = "auto";
  row.expert = "an-expert";
  row.skill = "algebra";
  row.outcome = "ok";
  row.client = "app";
  TextBuffer json;
  const auto show = [&] {
    json.Clear();
    api::AppendDecisionRow(row, &json);
    feed.Add(std::string(json.view()));
  };
  const auto request = [&] {
    counts->Begin();
    counts->Count(LiveFeed::Counts::Ended::kOk, 100, 1e-4);
    if (feed.WantsRow(LiveFeed::Clock::now())) show();
    counts->End();
  };
  Print("sums and a row, nobody watches", Microseconds(request));
  const auto listener = feed.Listen();
  Print("the same while one watches, as fast as the loop goes", Microseconds(request));
  Print("a row that is shown: writing and adding it", Microseconds(show));
}

}  // namespace

int main() {
  BenchLookups();
  BenchLimits();
  BenchFeed();
}
