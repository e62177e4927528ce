// The Router over one snapshot: classifies, recruits, stamps the decision. Immutable; any thread.
#pragma once

#include "router/classify/keywords.h"
#include "router/recruit/ranking.h"
#include "router/router.h"
#include "router/trained.h"

namespace moerge {

class PolicyRouter final : public Router {
 public:
  // `trained` may be null: nothing has been trained, and every demand is uniform. `keywords`: index
  // them even if no policy of the snapshot asks for any.
  PolicyRouter(std::shared_ptr<const ExpertTable> expert_table, TrainedPtr trained,
               bool keywords = false);

  const SnapshotPtr& snapshot() const override { return expert_table_->snapshot; }
  const std::shared_ptr<const ExpertTable>& expert_table() const { return expert_table_; }
  Decision Route(const RouteRequest& request, const Policy& policy,
                 const Health* health) const override;
  Demand Infer(const RouteRequest& request, const Policy& policy) const override {
    return Classify(Reading(request), policy);
  }
  Decision Direct(const RouteRequest& request, const ExpertEntry& expert) const override;
  RouterPtr Over(SnapshotPtr snapshot) const override {
    auto table =
        std::make_shared<const ExpertTable>(std::move(snapshot), expert_table_->latency_ms);
    return std::make_shared<const PolicyRouter>(std::move(table), trained_, keywords_ != nullptr);
  }
  MappingPtr MappingFor(const Policy& policy) const override {
    return expert_table_->mappings.For(policy);
  }
  Confusion WhatIsTakenForWhat() const override {
    const bool learnt = trained_ != nullptr && trained_->lexical != nullptr;
    return learnt ? trained_->lexical->confusion() : Confusion();
  }

 private:
  Demand Classify(const Reading& reading, const Policy& policy) const;
  Demand ClassifyBySignals(const Reading& reading, const Policy& policy) const;
  void Correct(const Reading& reading, const Demand& demand, std::vector<float>* expected) const;
  // Blends the classifier's own opinions of experts into `expected`.
  void ApplyOpinions(const Demand& demand, std::vector<float>* expected) const;
  bool MayCorrect(std::span<const Feature> features, const Demand& demand,
                  const Policy& policy) const;
  Demand DemandFromClient(const RouteRequest& request, std::vector<std::string>* unknown) const;
  // Keeps the conversation with the expert that answered it last.
  void Keep(const RouteRequest& request, const RankInput& input, Decision* decision) const;
  // The policy's classifier, or its substitute, which `note` then explains.
  const Classifier& Pick(const Policy& policy, std::string* note) const;

  std::shared_ptr<const ExpertTable> expert_table_;
  TrainedPtr trained_;
  ClassifierPtr uniform_;
  Dependence dependence_;
  std::unique_ptr<const KeywordIndex> keywords_;  // null: no policy asks for keywords
  std::vector<std::int32_t>
      corrected_;  // by expert of the instance model: its expert_table index, or -1
};

}  // namespace moerge
