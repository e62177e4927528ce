// bench_sessions --data DIR [--turns N] [--seed N]: what `session.sticky` gives and costs, on
// conversations made of recorded questions, cross-validated. A conversation is N questions of one
// category, or of two with the change in the middle; each request carries the earlier questions.
// Printed for each margin: right answers, how often the expert changes in a conversation, how
// many conversations one expert answers alone, and what a conversation is worth if changing the
// expert has a price that is paid at its end and that no single turn shows: of the answers right
// after a change a share is lost, since the new expert did not write what came before. How large
// that share is was not measured; the columns are a simulation.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "config/base/random.h"
#include "router/offline/table_router.h"
#include "router/signals.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"

namespace moerge {
namespace {

using Conversation = std::vector<const TableRow*>;

struct Sum {
  double right = 0, turns = 0, switches = 0, alone = 0, conversations = 0;
  double right_after_switch = 0;

  double WorthIfSwitchesLose(double share) const {
    return (right - share * right_after_switch) / turns;
  }
};
using Sums = std::map<std::string, Sum>;

std::map<std::string, Conversation> Shuffled(const std::vector<TableRow>& rows,
                                             std::uint64_t seed) {
  std::map<std::string, Conversation> by_category;
  for (const TableRow& row : rows) by_category[row.category].push_back(&row);
  Random random(seed);
  for (auto& each : by_category) {
    Conversation& list = each.second;
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[random.Below(i)]);
  }
  return by_category;
}

// Of one category each.
std::vector<Conversation> Steady(const std::vector<TableRow>& rows, std::size_t turns,
                                 std::uint64_t seed) {
  std::vector<Conversation> all;
  for (const auto& each : Shuffled(rows, seed)) {
    const Conversation& list = each.second;
    for (std::size_t at = 0; at + turns <= list.size(); at += turns) {
      const auto begin = list.begin() + static_cast<std::ptrdiff_t>(at);
      all.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(turns));
    }
  }
  return all;
}

// The second half of each comes from a conversation some places on.
std::vector<Conversation> Changing(const std::vector<Conversation>& steady, std::uint64_t seed) {
  Random random(seed);
  std::vector<Conversation> all = steady;
  for (Conversation& each : all) {
    const Conversation& other = steady[random.Below(steady.size())];
    const auto half = static_cast<std::ptrdiff_t>(each.size() / 2);
    std::copy(other.begin() + half, other.end(), each.begin() + half);
  }
  return all;
}

Policy Sticky(const std::string& margin) {
  Policy policy;
  policy.options = {{"session.sticky", "true"}, {"session.margin", margin}};
  return policy;
}

// As services route it: from the second request on the conversation is known.
void Talk(const TableRouter& router, const Conversation& turns, const Policy& policy, bool sticky,
          Sum* sum) {
  SessionSignal session;
  std::vector<std::string_view> earlier;  // newest first
  for (const TableRow* turn : turns) {
    RouteRequest request;
    request.text.user = turn->prompt;
    request.text.earlier = earlier;
    if (!earlier.empty()) request.text.first = earlier.back();
    if (sticky && session.turns > 0) {
      auto signals = std::make_shared<Signals>();
      signals->session = session;
      request.signals = signals;
    }
    const std::string asked(NameOf(router.Route(request, policy).roster.front().expert));
    const double right = ScoreOf(*turn, asked);
    const bool switched = session.turns > 0 && asked != session.expert;
    sum->right += right;
    if (switched) sum->right_after_switch += right;
    session.switches += switched;
    session.expert = asked;
    ++session.turns;
    earlier.insert(earlier.begin(), turn->prompt);
  }
  sum->turns += static_cast<double>(turns.size());
  sum->switches += session.switches;
  sum->alone += session.switches == 0;
  sum->conversations += 1;
}

void Judge(const TableRouter& router, const std::vector<Conversation>& all, const std::string& what,
           Sums* sums) {
  Policy single;
  single.recruiter = "best-single";
  for (const Conversation& each : all) {
    Talk(router, each, single, false, &(*sums)[what + ", best single"]);
    Talk(router, each, {}, false, &(*sums)[what + ", each turn by itself"]);
    for (const char* margin : {"0", "0.02", "0.05", "0.1", "1"}) {
      const std::string name = what + ", session.margin " + margin;
      Talk(router, each, Sticky(margin), true, &(*sums)[name]);
    }
  }
}

void Print(const Sums& sums) {
  constexpr double kShares[] = {0.05, 0.1, 0.2, 0.4};
  std::printf("%-40s %7s %9s %7s   worth if a switch loses", "conversations of questions", "right",
              "switches", "by one");
  for (const double share : kShares) std::printf(" %5.0f%%", 100 * share);
  std::printf("\n");
  for (const auto& [name, sum] : sums) {
    std::printf("%-40s %6.2f%% %9.2f %6.1f%% %26s", name.c_str(), 100 * sum.right / sum.turns,
                sum.switches / sum.conversations, 100 * sum.alone / sum.conversations, "");
    for (const double share : kShares) std::printf(" %5.2f", 100 * sum.WorthIfSwitchesLose(share));
    std::printf("  (%.0f)\n", sum.conversations);
  }
}

int Main(const std::string& folder, std::size_t turns, std::uint64_t seed) {
  const auto rows = ReadRows(folder);
  if (!rows) return 1;
  Sums sums;
  for (const Fold& fold : GroupedFolds(*rows, 5, seed)) {
    const Parts parts = PartsOf(*rows, fold);
    const Result<TableRouter> router = TableRouter::Learn(parts.train, MidPool());
    if (!router) return 1;
    const std::vector<Conversation> steady = Steady(parts.test, turns, seed);
    Judge(*router, steady, "one subject", &sums);
    Judge(*router, Changing(steady, seed), "two subjects", &sums);
  }
  Print(sums);
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const moerge::Arguments arguments(argc, argv);
  std::size_t turns = 6;
  std::uint64_t seed = 1;
  arguments.Number("--turns", 2, &turns);
  arguments.Number("--seed", 0, &seed);
  if (arguments.Text("--data").empty()) {
    std::fprintf(stderr, "usage: bench_sessions --data DIR [--turns N] [--seed N]\n");
    return 2;
  }
  return moerge::Main(arguments.Text("--data"), turns, seed);
}
