#include "router/evaluate/aggregate_rows.h"

#include <algorithm>
#include <map>

#include "config/base/text.h"
#include "router/evaluate/option_rows.h"

namespace moerge {
namespace {

using Contestants = std::vector<Contestant>;
using Make = Contestants (*)(std::size_t experts, const TableTraits& traits);

constexpr std::string_view kNoAnswers = "recorded answers that can be voted on";

// By the name that makes it: what FindContestant would give.
Contestant Made(const std::string& name, const std::string& series, double at) {
  const Contestants standard = StandardContestants({});
  Contestant row = *FindContestant(name, standard);
  row.kind = "aggregate";
  row.series = series;
  row.at = at;
  return row;
}

Contestant Comparing(Contestant row, const TableTraits& traits) {
  if (!traits.answers) row.lacks = kNoAnswers;
  return row;
}

std::vector<std::size_t> Sizes(std::size_t experts) {
  std::vector<std::size_t> sizes = {2, 3, 5, 7};
  std::erase_if(sizes, [experts](std::size_t size) { return size > experts; });
  return sizes;
}

Contestants First(std::size_t, const TableTraits&) { return {Made("auto", "first", 1)}; }

// Both rules of stopping: at too small a gain, and only when the vote cannot be changed.
Contestants Votes(std::size_t experts, const TableTraits& traits) {
  Contestants rows;
  for (const std::size_t size : Sizes(experts)) {
    const std::string name = "vote-" + std::to_string(size);
    const auto at = static_cast<double>(size);
    rows.push_back(Comparing(Made(name, "vote", at), traits));
    rows.push_back(Comparing(Made(name + " vote.gain=0", "vote, until decided", at), traits));
  }
  return rows;
}

Contestants Cascades(std::size_t, const TableTraits&) {
  Contestants rows;
  for (const char* target : {"0.7", "0.8", "0.9", "1", "1.1", "1.3"}) {
    const std::string name = std::string("cascade cascade.target=") + target;
    rows.push_back(Made(name, "cascade", *ParseDouble(target)));
  }
  return rows;
}

Contestants Races(std::size_t, const TableTraits&) {
  Contestant row{"race", "aggregate", {}, {}, {}};
  row.lacks = "recorded latencies: a results table does not say how long answers took";
  return {row};
}

Contestants Samplings(std::size_t experts, const TableTraits& traits) {
  Contestants rows;
  for (const std::size_t size : Sizes(experts)) {
    const std::string name = "recruiter-sampling aggregate=vote experts=" + std::to_string(size);
    rows.push_back(Comparing(Made(name, "sampling + vote", static_cast<double>(size)), traits));
  }
  return rows;
}

Contestants All(std::size_t experts, const TableTraits& traits) {
  const std::size_t most = std::min<std::size_t>(experts, 64);
  const std::string name = "vote-" + std::to_string(most) + " vote.gain=0";
  return {Comparing(Made(name, "all experts", static_cast<double>(most)), traits)};
}

const std::map<std::string, Make>& Makers() {
  static const std::map<std::string, Make> makers = {
      {"all", All},    {"cascade", Cascades},   {"first", First},
      {"race", Races}, {"sampling", Samplings}, {"vote", Votes}};
  return makers;
}

}  // namespace

Contestant CascadeContestant() {
  Contestant row{"cascade", "cascade", {}, {}, {}};
  row.policy.name = row.name;
  row.policy.aggregate = "cascade";
  row.policy.max_fallbacks = 31;  // with the one in the roster all that a decision lists
  return row;
}

const std::vector<std::string>& AggregateNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& each : Makers()) all.push_back(each.first);
    return all;
  }();
  return names;
}

Result<std::vector<Contestant>> AggregateContestants(const std::vector<std::string>& names,
                                                     std::size_t experts,
                                                     const TableTraits& traits) {
  Contestants rows;
  for (const std::string& name : names) {
    const auto at = Makers().find(name);
    if (at == Makers().end()) {
      return Error{ErrorCode::kInvalid,
                   "there is no aggregate `" + name + "` to compare; there are " +
                       Join(AggregateNames(), ", ") + "." + DidYouMean(name, AggregateNames())};
    }
    for (Contestant& row : at->second(experts, traits)) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace moerge
