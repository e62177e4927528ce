#include "router/policy_router.h"

#include <algorithm>
#include <cstdio>

#include "config/base/ordered_id.h"
#include "config/policy_options.h"
#include "router/classify/catalogue.h"
#include "router/classify/signal_demand.h"
#include "router/recruit/auction.h"
#include "router/recruit/recruiter.h"
#include "router/recruit/session.h"
#include "router/signals.h"

namespace moerge {
namespace {

std::vector<std::string> SkillNames(const Snapshot& snapshot) {
  std::vector<std::string> names;
  names.reserve(snapshot.skills.size());
  for (const SkillEntry& skill : snapshot.skills) names.push_back(skill.spec.name);
  return names;
}

double MicrosecondsSince(std::chrono::steady_clock::time_point start) {
  const std::chrono::duration<double, std::micro> passed = std::chrono::steady_clock::now() - start;
  return passed.count();
}

std::string CorrectionReason(const InstanceModel& model) {
  char out[128];
  std::snprintf(out, sizeof out,
                "expectations follow this text with weight %.2f, learnt from %zu scored rows",
                static_cast<double>(model.weight()), model.rows());
  return out;
}

// Which bids moved the expectations, highest first.
std::string BidsReason(std::vector<Bid> bids, const Policy& policy) {
  std::stable_sort(bids.begin(), bids.end(), [](const Bid& a, const Bid& b) { return a.z > b.z; });
  std::string out = "bids, in standard deviations above each expert's usual one:";
  for (const Bid& bid : bids) {
    char text[64];
    std::snprintf(text, sizeof text, " %+.2f (said %.0f)", bid.z, bid.bid);
    out.append(&bid == &bids.front() ? " " : ", ").append(bid.expert).append(text);
  }
  if (policy.recruiter != "expected")
    out += "; the recruiter " + policy.recruiter + " may not read them";
  return out;
}

bool AsksForKeywords(const Snapshot& snapshot) {
  return std::any_of(snapshot.policies.begin(), snapshot.policies.end(),
                     [](const Policy& policy) { return policy.classifier == "llm"; });
}

Decision NewDecision(const Snapshot& snapshot) {
  Decision decision;
  decision.time = std::chrono::system_clock::now();
  decision.id = OrderedId(decision.time);
  decision.revision = snapshot.revision;
  return decision;
}

}  // namespace

PolicyRouter::PolicyRouter(std::shared_ptr<const ExpertTable> expert_table, TrainedPtr trained,
                           bool keywords)
    : expert_table_(std::move(expert_table)),
      trained_(std::move(trained)),
      uniform_(MakeUniformClassifier("none", SkillNames(*expert_table_->snapshot))) {
  if (keywords || AsksForKeywords(*expert_table_->snapshot)) {
    keywords_ = std::make_unique<const KeywordIndex>(*expert_table_->snapshot);
  }
  if (trained_ == nullptr) return;
  dependence_ = Dependence(*expert_table_, trained_->joint);
  if (trained_->instance == nullptr) return;
  for (const ExpertId id : trained_->instance->experts()) {
    const ExpertEntry* entry = expert_table_->snapshot->FindExpert(id);
    corrected_.push_back(entry == nullptr
                             ? -1
                             : static_cast<std::int32_t>(expert_table_->snapshot->IndexOf(*entry)));
  }
}

void PolicyRouter::ApplyOpinions(const Demand& demand, std::vector<float>* expected) const {
  for (const ExpertOpinion& opinion : demand.experts) {
    const ExpertEntry* entry = expert_table_->snapshot->FindExpert(opinion.expert);
    if (entry == nullptr) continue;
    float& score = (*expected)[expert_table_->snapshot->IndexOf(*entry)];
    score += opinion.weight * (opinion.expected - score);
  }
}

bool PolicyRouter::MayCorrect(std::span<const Feature> features, const Demand& demand,
                              const Policy& policy) const {
  const bool any = std::any_of(corrected_.begin(), corrected_.end(), [](int i) { return i >= 0; });
  return any && !features.empty() && demand.classifier != "client" && policy.classifier != "none" &&
         FollowsText(RuleOf(policy));
}

void PolicyRouter::Correct(const Reading& reading, const Demand& demand,
                           std::vector<float>* expected) const {
  thread_local std::vector<float> predicted;
  trained_->instance->Predict(reading.features(), reading.shape(), demand.skills, &predicted);
  const float weight = trained_->instance->weight();
  for (std::size_t i = 0; i < corrected_.size(); ++i) {
    if (corrected_[i] < 0) continue;
    float& score = (*expected)[static_cast<std::size_t>(corrected_[i])];
    score += weight * (predicted[i] - score);
  }
}

const Classifier& PolicyRouter::Pick(const Policy& policy, std::string* note) const {
  if (policy.classifier == "none") return *uniform_;
  if (trained_ == nullptr || trained_->lexical == nullptr) {
    *note = policy.classifier + " is not trained yet: every skill counts as equally probable";
    return *uniform_;
  }
  if (policy.classifier == "lexical") return *trained_->lexical;
  const auto at = trained_->classifiers.find(ClassifierKey(policy));
  if (at != trained_->classifiers.end()) return *at->second;
  *note = policy.classifier + " is not trained yet: lexical";
  return *trained_->lexical;
}

Demand PolicyRouter::DemandFromClient(const RouteRequest& request,
                                      std::vector<std::string>* unknown) const {
  Demand demand;
  demand.classifier = "client";
  for (const std::string& name : request.skills) {
    const SkillEntry* skill = expert_table_->snapshot->FindSkill(name);
    if (skill == nullptr) {
      unknown->push_back("`" + name + "`, given by the client, is not the name of a skill");
    } else if (std::none_of(demand.skills.begin(), demand.skills.end(),
                            [&](const auto& seen) { return seen.skill == skill->id; })) {
      demand.skills.push_back({skill->id, 1});
    }
  }
  if (demand.skills.size() > 16) demand.skills.resize(16);
  for (auto& part : demand.skills) part.probability /= static_cast<float>(demand.skills.size());
  demand.confidence = demand.skills.empty() ? 0 : 1;
  return demand;
}

Demand PolicyRouter::Classify(const Reading& reading, const Policy& policy) const {
  std::vector<std::string> notes;
  Demand demand;
  if (!reading.request().skills.empty()) demand = DemandFromClient(reading.request(), &notes);
  if (demand.skills.empty()) {
    std::string note;
    demand = IsSignalClassifier(policy.classifier) ? ClassifyBySignals(reading, policy)
                                                   : Pick(policy, &note).Classify(reading);
    if (!note.empty()) notes.push_back(std::move(note));
  }
  demand.notes.insert(demand.notes.end(), notes.begin(), notes.end());
  return demand;
}

Demand PolicyRouter::ClassifyBySignals(const Reading& reading, const Policy& policy) const {
  static const KeywordIndex none{Snapshot()};
  Policy lexical;
  std::string note;
  Demand demand = Pick(lexical, &note).Classify(reading);
  if (!note.empty()) demand.notes.push_back(std::move(note));
  ApplySignals(reading.request().signals.get(), policy, keywords_ == nullptr ? none : *keywords_,
               &demand);
  return demand;
}

// Among many experts the session's may stand too far down to be listed: it is then scored alone.
void PolicyRouter::Keep(const RouteRequest& request, const RankInput& input,
                        Decision* decision) const {
  const SessionSignal& session = *request.signals->session;
  const ExpertEntry* entry = expert_table_->snapshot->FindExpert(session.expert);
  const auto is_keeper = [&](const Candidate& each) {
    return entry != nullptr && each.expert == entry->id;
  };
  auto& listed = decision->candidates;
  std::optional<Candidate> keeper;
  const auto at = std::find_if(listed.begin(), listed.end(), is_keeper);
  if (at != listed.end()) {
    keeper = *at;
  } else if (entry != nullptr) {
    RouteRequest alone = request;
    alone.experts = {session.expert};
    Decision apart;
    Recruit({input.expert_table, alone, input.policy, input.health, input.demand, input.correction,
             input.dependence},
            &apart);
    const auto found = std::find_if(apart.candidates.begin(), apart.candidates.end(), is_keeper);
    if (found != apart.candidates.end()) keeper = *found;
  }
  KeepSession(session, keeper ? &*keeper : nullptr, input.policy, *expert_table_->snapshot,
              decision);
}

Decision PolicyRouter::Route(const RouteRequest& request, const Policy& policy,
                             const Health* health) const {
  Decision decision = NewDecision(*expert_table_->snapshot);
  decision.policy = policy.name;
  auto start = std::chrono::steady_clock::now();
  const Reading reading(request);
  const std::span<const Feature> features = reading.features();
  decision.demand = Classify(reading, policy);
  decision.classify_us = MicrosecondsSince(start);
  start = std::chrono::steady_clock::now();
  Correction correction;
  const bool by_text = MayCorrect(features, decision.demand, policy);
  const bool by_bids = policy.classifier == "auction" && request.signals != nullptr &&
                       !request.signals->bids.empty();
  if (by_text || by_bids || !decision.demand.experts.empty()) {
    correction = [&](std::vector<float>* expected) {
      if (by_text) Correct(reading, decision.demand, expected);
      ApplyOpinions(decision.demand, expected);
      if (!by_bids) return;
      const double weight = policy.options->auction_weight;
      ApplyBids(request.signals->bids, *expert_table_->snapshot, weight, expected);
    };
  }
  const RankInput input{*expert_table_,  request,    policy,     health,
                        decision.demand, correction, dependence_};
  Recruit(input, &decision);
  const bool keeps = request.signals != nullptr && request.signals->session;
  if (keeps && !request.signals->assignment) Keep(request, input, &decision);
  if (by_text) decision.reasons.push_back(CorrectionReason(*trained_->instance));
  if (by_bids) decision.reasons.push_back(BidsReason(request.signals->bids, policy));
  decision.recruit_us = MicrosecondsSince(start);
  return decision;
}

Decision PolicyRouter::Direct(const RouteRequest&, const ExpertEntry& expert) const {
  Decision decision = NewDecision(*expert_table_->snapshot);
  decision.considered = 1;
  Candidate candidate;
  candidate.expert = expert.id;
  candidate.price = BlendedPrice(expert.spec.price);
  decision.candidates.push_back(candidate);
  decision.roster.push_back({expert.id, 1});
  decision.reasons.push_back("the request names " + expert.spec.name + ": no routing");
  return decision;
}

}  // namespace moerge
