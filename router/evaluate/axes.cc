#include "router/evaluate/axes.h"

#include <algorithm>
#include <vector>

#include "config/policy_options.h"

namespace moerge {
namespace {

// What a classifier adds to the choice of an expert.
struct ClassifierAxes {
  std::string_view name;
  std::string_view routing_dataset;
  std::string_view generalization;
  std::string_view user_dataset;
  std::string_view needs;
};

constexpr std::string_view kIn = "in-distribution";
constexpr std::string_view kOut = "out-of-distribution";
constexpr std::string_view kZero = "zero-shot";
constexpr std::string_view kFew = "few-shot";

const std::vector<ClassifierAxes>& Classifiers() {
  static const std::vector<ClassifierAxes> all = {
      {"lexical", "general", kIn, kZero, "skills with examples, or labelled prompts"},
      {"none", "none", kOut, kZero, "nothing"},
      {"knn", "general", kIn, kFew, "labelled prompts"},
      {"centroid", "general", kIn, kFew, "labelled prompts"},
      {"gaussian", "general", kIn, kFew, "labelled prompts"},
      {"rules", "none", kOut, kZero, "rules in the policy's options"},
      {"tree", "general", kIn, kZero, "labelled prompts"},
      {"gate", "expert", kIn, kZero, "samples that experts bring"},
      {"embedding", "general", kOut, kZero, "an embeddings server, labelled prompts"},
      {"llm", "none", kOut, kZero, "a model that names skills"},
      {"auction", "none", kOut, kZero, "a short call to each expert"},
      {"session", "general", kIn, kZero, "a conversation's earlier turns"},
  };
  return all;
}

const ClassifierAxes* FindClassifierAxes(std::string_view name) {
  const auto& all = Classifiers();
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](const ClassifierAxes& each) { return each.name == name; });
  return at == all.end() ? nullptr : &*at;
}

MoergingAxes Plain(std::string_view dataset, std::string_view granularity, std::string_view needs) {
  MoergingAxes axes;
  axes.routing_dataset = dataset;
  axes.input_granularity = granularity;
  axes.expert_selection = "sparse";
  axes.expert_aggregation = "none";
  axes.generalization = kIn;
  axes.user_dataset = kZero;
  axes.needs = needs;
  return axes;
}

bool MayAskSeveral(const Policy& policy) {
  return policy.experts > 1 || policy.aggregate == "cascade" || policy.options->experts_max > 1 ||
         policy.options->experts_margin > 0;
}

}  // namespace

MoergingAxes AxesOf(const Policy& policy) {
  if (policy.recruiter == "random") return Plain("none", "example", "nothing");
  MoergingAxes axes = Plain("general", "example", "labelled prompts or samples");
  if (const ClassifierAxes* known = FindClassifierAxes(policy.classifier)) {
    axes.routing_dataset = known->routing_dataset;
    axes.generalization = known->generalization;
    axes.user_dataset = known->user_dataset;
    axes.needs = known->needs;
  }
  if (policy.recruiter == "task-level" || policy.classifier == "none") {
    axes.input_granularity = "task";
  }
  if (policy.recruiter == "best-single") axes = Plain("general", "task", "scores of experts");
  if (policy.aggregate != "first" && MayAskSeveral(policy)) axes.expert_aggregation = "output";
  return axes;
}

MoergingAxes AxesOfBaseline(std::string_view name) {
  if (name == "random") return Plain("none", "example", "nothing");
  if (name == "best-single") return Plain("general", "task", "scores of experts");
  if (name == "prompt-length") return Plain("general", "example", "scores of experts");
  if (name == "true-category") return Plain("general", "task", "scores, and the true category");
  if (name == "oracle") return Plain("target", "example", "the answer's score beforehand");
  MoergingAxes axes = Plain("general", "task", "scores of experts");  // a fixed panel
  axes.expert_aggregation = "output";
  return axes;
}

std::array<std::pair<std::string_view, std::string_view>, 10> Listed(const MoergingAxes& axes) {
  return {{{"expert_training", axes.expert_training},
           {"expert_data", axes.expert_data},
           {"routing_dataset", axes.routing_dataset},
           {"input_granularity", axes.input_granularity},
           {"depth_granularity", axes.depth_granularity},
           {"expert_selection", axes.expert_selection},
           {"expert_aggregation", axes.expert_aggregation},
           {"generalization", axes.generalization},
           {"user_dataset", axes.user_dataset},
           {"needs", axes.needs}}};
}

}  // namespace moerge
