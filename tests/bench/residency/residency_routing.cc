// What a price on time is worth where experts have to be loaded: questions with recorded answers
// come by a Poisson law at a device with room for few of the experts, on simulated time; each goes
// to the expert with the highest expected score less `latency_weight` times the seconds that it
// would take, its load among them, as policies have it. Prints what is right, and how long it took.
//   bench_residency_routing --data DIR [--folds N] [--slots N]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "router/offline/table_router.h"
#include "services/calls/residency_plan.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"

namespace moerge {
namespace {

using RoutingPlan = ResidencyPlan;

constexpr double kLoadSeconds = 8;
constexpr double kServiceSeconds = 1;
constexpr int kPlaces = 8;

RoutingPlan::Duration Span(double seconds) {
  return std::chrono::duration_cast<RoutingPlan::Duration>(std::chrono::duration<double>(seconds));
}
RoutingPlan::Time Moment(double seconds) { return RoutingPlan::Time{} + Span(seconds + 3600); }

// What routing says of one question.
struct Routed {
  const TableRow* row = nullptr;
  std::vector<std::pair<std::string, double>> expected;  // by expert
};

struct Happened {
  double time = 0;
  enum class What { kArrival, kEnd, kLoaded, kLook } what = What::kArrival;
  std::size_t call = 0;
  std::string model = {};
  bool operator<(const Happened& other) const { return time > other.time; }
};

struct Figures {
  double right = 0;
  double seconds = 0;  // until the answer's end, in all
  std::vector<double> each;
  std::int64_t loads = 0;
};

class RoutedDevice {
 public:
  RoutedDevice(const std::vector<Routed>& questions, int slots, double rate, double weight)
      : questions_(questions), weight_(weight), plan_(Rules(slots)) {
    std::mt19937_64 random(5);
    std::exponential_distribution<double> gap(rate), service(1 / kServiceSeconds);
    double now = 0;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      now += gap(random);
      arrived_.push_back(now);
      service_.push_back(service(random));
      events_.push({now, Happened::What::kArrival, i});
    }
  }

  Figures Run() {
    while (!events_.empty()) {
      const Happened event = events_.top();
      events_.pop();
      now_ = event.time;
      if (event.what == Happened::What::kArrival) Arrive(event.call);
      if (event.what == Happened::What::kLoaded) plan_.Loaded(event.model, Moment(now_));
      if (event.what == Happened::What::kEnd) End(event.call);
      LetGo();
    }
    figures_.loads = plan_.loads();
    return std::move(figures_);
  }

 private:
  static RoutingPlan::Rules Rules(int slots) {
    RoutingPlan::Rules rules;
    rules.slots = slots;
    rules.concurrency = kPlaces;
    rules.load_guess = Span(kLoadSeconds);
    rules.on_order = true;
    return rules;
  }

  double SecondsOf(const std::string& expert) const {
    const auto wait = plan_.ExpectedWait(expert, Moment(now_));
    return std::chrono::duration<double>(wait).count() + kServiceSeconds;
  }

  void Arrive(std::size_t call) {
    const std::string* best = nullptr;
    double highest = 0;
    for (const auto& [expert, expected] : questions_[call].expected) {
      const double utility = expected - weight_ * SecondsOf(expert);
      if (best == nullptr || utility > highest) {
        best = &expert;
        highest = utility;
      }
    }
    figures_.right += ScoreOf(*questions_[call].row, *best);
    const auto id = plan_.Arrive({.model = *best}, Moment(now_));
    calls_[id] = call;
  }

  void End(std::size_t call) {
    plan_.End(ids_.at(call), RoutingPlan::Ending::kAnswered, Moment(now_));
    figures_.each.push_back(now_ - arrived_[call]);
    figures_.seconds += figures_.each.back();
  }

  void LetGo() {
    for (const auto id : plan_.Next(Moment(now_))) {
      const std::size_t call = calls_.at(id);
      ids_[call] = id;
      events_.push({now_ + service_[call], Happened::What::kEnd, call});
    }
    for (const auto& order : plan_.TakeOrders()) {
      if (order.load.empty()) continue;
      events_.push({now_ + kLoadSeconds, Happened::What::kLoaded, 0, order.load});
    }
    if (plan_.NextLook() == RoutingPlan::Time::max()) return;
    const double look =
        std::chrono::duration<double>(plan_.NextLook() - RoutingPlan::Time{}).count() - 3600;
    if (look == asked_) return;
    asked_ = look;
    events_.push({std::max(look, now_) + 1e-6, Happened::What::kLook});
  }

  const std::vector<Routed>& questions_;
  const double weight_;
  RoutingPlan plan_;
  std::priority_queue<Happened> events_;
  std::vector<double> arrived_, service_;
  std::map<RoutingPlan::CallId, std::size_t> calls_;
  std::map<std::size_t, RoutingPlan::CallId> ids_;
  double now_ = 0;
  double asked_ = -1;
  Figures figures_;
};

// Each question as a router says that has not seen it.
std::vector<Routed> RouteAll(const std::vector<TableRow>& rows, int folds) {
  std::vector<Routed> routed;
  std::map<std::string, const TableRow*> by_id;
  for (const TableRow& row : rows) by_id[row.id] = &row;
  for (const Fold& fold : GroupedFolds(rows, folds, 1)) {
    const Parts parts = PartsOf(rows, fold);
    auto router = TableRouter::Learn(parts.train, MidPool());
    if (!router) continue;
    Policy policy;
    policy.latency_weight = 1e-9;  // as with any price: the order is the expectations' alone
    for (const TableRow& row : parts.test) {
      Routed& each = routed.emplace_back();
      each.row = by_id.at(row.id);
      for (const Candidate& candidate : router->Route(row.prompt, policy).candidates) {
        each.expected.emplace_back(NameOf(candidate.expert),
                                   static_cast<double>(candidate.expected));
      }
    }
  }
  return routed;
}

int RunRouting(const Arguments& arguments) {
  int folds = 5;
  arguments.Number("--folds", 2, &folds);
  const auto rows = ReadRows(arguments.Text("--data"));
  if (!rows) return 1;
  const std::vector<Routed> questions = RouteAll(*rows, folds);
  std::printf("%zu questions, %zu experts, a load %.0f s, an answer %.0f s, %d at once\n",
              questions.size(), MidPool().size(), kLoadSeconds, kServiceSeconds, kPlaces);
  for (const int slots : {1, 2, 4}) {
    for (const double rate : {0.5, 4.0}) {
      std::printf("\nroom for %d, %.1f requests a second\n  %14s %8s %8s %8s %8s\n", slots, rate,
                  "latency_weight", "right", "mean s", "p99 s", "loads");
      for (const double weight : {0.0, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1}) {
        Figures figures = RoutedDevice(questions, slots, rate, weight).Run();
        std::ranges::sort(figures.each);
        const auto count = static_cast<double>(figures.each.size());
        std::printf("  %14.4f %7.2f%% %8.2f %8.1f %8lld\n", weight, 100 * figures.right / count,
                    figures.seconds / count, figures.each[static_cast<std::size_t>(0.99 * count)],
                    static_cast<long long>(figures.loads));
      }
    }
  }
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) { return moerge::RunRouting(moerge::Arguments(argc, argv)); }
