// The Router over one snapshot: classifies, recruits, stamps the decision. Immutable; any thread.
#pragma once

#include "router/classify/keywords.h"
#include "router/recruit/ranking.h"
#include "router/router.h"
#include "router/trained.h"

namespace moerge {

class PolicyRouter final : public Router {
 public:
  // `trained` may be null: nothing is learnt yet, and every demand is even. `keywords`: understand
  // them even if no policy of the snapshot asks for any.
  PolicyRouter(std::shared_ptr<const Panel> panel, TrainedPtr trained, bool keywords = false);

  const SnapshotPtr& snapshot() const override { return panel_->snapshot; }
  const std::shared_ptr<const Panel>& panel() const { return panel_; }
  Decision Route(const RouteRequest& request, const Policy& policy,
                 const Health* health) const override;
  Demand Infer(const RouteRequest& request, const Policy& policy) const override {
    return Classify(Reading(request), policy);
  }
  Decision Direct(const RouteRequest& request, const ExpertEntry& expert) const override;
  MappingPtr MappingFor(const Policy& policy) const override {
    return panel_->mappings.For(policy);
  }

 private:
  Demand Classify(const Reading& reading, const Policy& policy) const;
  Demand ClassifyBySignals(const Reading& reading, const Policy& policy) const;
  void Correct(const Reading& reading, const Demand& demand, std::vector<float>* expected) const;
  // What the classifier itself says about experts.
  void Hear(const Demand& demand, std::vector<float>* expected) const;
  bool MayCorrect(std::span<const Feature> features, const Demand& demand,
                  const Policy& policy) const;
  Demand Given(const RouteRequest& request, std::vector<std::string>* unknown) const;
  // Lets the expert that answered the request's conversation keep it.
  void Keep(const RouteRequest& request, const RankInput& input, Decision* decision) const;
  // The policy's classifier, or the nearest that is there; says so in `note`.
  const Classifier& Pick(const Policy& policy, std::string* note) const;

  std::shared_ptr<const Panel> panel_;
  TrainedPtr trained_;
  ClassifierPtr even_;
  Dependence dependence_;
  std::unique_ptr<const KeywordIndex> keywords_;  // null: nobody asks for keywords
  std::vector<std::int32_t> corrected_;  // by expert of the instance model: its panel index, or -1
};

}  // namespace moerge
