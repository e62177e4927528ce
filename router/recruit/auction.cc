#include "router/recruit/auction.h"

#include <algorithm>
#include <cmath>

#include "config/base/text.h"
#include "config/policy_options.h"

namespace moerge {
namespace {

// A usual bidder, as strong as this many bids of its own.
constexpr double kPriorBids = 4;
constexpr double kPriorMean = 70;
constexpr double kPriorDeviation = 20;
// Bids closer together than this say nothing.
constexpr double kLeastDeviation = 3;

float Logit(float p) { return std::log(p / (1 - p)); }

float Utility(const Contender& contender, double z, double weight) {
  return WithBid(contender.expected, z, weight) + contender.offset;
}

}  // namespace

void BidStatistics::Add(double bid) {
  ++count_;
  const double keep = weight_ >= kMemory ? 1 - 1 / kMemory : 1;
  weight_ = weight_ * keep + 1;
  squares_ *= keep;
  const double before = bid - mean_;
  mean_ += before / weight_;
  squares_ += before * (bid - mean_);
}

double BidStatistics::Z(double bid) const {
  const double weight = weight_ + kPriorBids;
  const double mean = (mean_ * weight_ + kPriorMean * kPriorBids) / weight;
  const double variance = (squares_ + kPriorDeviation * kPriorDeviation * kPriorBids) / weight;
  const double z = (bid - mean) / std::max(std::sqrt(variance), kLeastDeviation);
  return std::clamp(z, -kMaxZ, kMaxZ);
}

float WithBid(float expected, double z, double weight) {
  const float sure = std::clamp(expected, 0.001f, 0.999f);
  return 1 / (1 + std::exp(-(Logit(sure) + static_cast<float>(weight * z))));
}

bool Settled(std::span<const Contender> contenders, std::size_t places, double weight) {
  std::vector<float> known;
  std::optional<float> bound;
  for (const Contender& contender : contenders) {
    if (contender.z) {
      known.push_back(Utility(contender, *contender.z, weight));
    } else {
      const float most = Utility(contender, contender.highest_z, weight);
      bound = std::max(bound.value_or(most), most);
    }
  }
  if (!bound) return true;
  if (known.size() < std::max<std::size_t>(places, 1)) return false;
  std::sort(known.begin(), known.end(), std::greater<>());
  return known[std::max<std::size_t>(places, 1) - 1] >= *bound;
}

Policy WithoutBids(Policy policy) {
  policy.classifier = Policy().classifier;
  return policy;
}

std::vector<Candidate> Invited(const Decision& preview, const Snapshot& snapshot,
                               const Policy& policy) {
  const auto most = policy.options->auction_candidates;
  std::vector<Candidate> invited;
  for (const Candidate& candidate : preview.candidates) {
    if (invited.size() == most) break;
    const ExpertEntry* expert = snapshot.FindExpert(candidate.expert);
    if (candidate.excluded != Exclusion::kNone || expert == nullptr) continue;
    if (expert->backend == nullptr) continue;  // a tool says for itself whether it can
    invited.push_back(candidate);
  }
  return invited;
}

std::optional<double> ParseBid(std::string_view answer) {
  constexpr std::string_view kEnd = "</think>";
  constexpr std::string_view kDigits = "0123456789";
  if (const std::size_t end = answer.rfind(kEnd); end != answer.npos) {
    answer.remove_prefix(end + kEnd.size());
  } else {
    answer = answer.substr(0, answer.find("<think>"));
  }
  const std::size_t begin = answer.find_first_of(kDigits);
  if (begin == answer.npos || (begin > 0 && answer[begin - 1] == '-')) return std::nullopt;
  std::string_view number = answer.substr(begin);
  number = number.substr(0, number.find_first_not_of("0123456789."));
  while (number.ends_with('.')) number.remove_suffix(1);
  const std::optional<double> bid = ParseDouble(number);
  return bid && *bid <= 100 ? bid : std::nullopt;
}

void ApplyBids(const std::vector<Bid>& bids, const Snapshot& snapshot, double weight,
               std::vector<float>* expected) {
  for (const Bid& bid : bids) {
    const ExpertEntry* expert = snapshot.FindExpert(bid.expert);
    if (expert == nullptr) continue;
    float& score = (*expected)[snapshot.IndexOf(*expert)];
    score = WithBid(score, bid.z, weight);
  }
}

}  // namespace moerge
