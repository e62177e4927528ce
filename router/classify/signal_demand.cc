#include "router/classify/signal_demand.h"

#include "config/policy_options.h"
#include "router/classify/embedding_head.h"

namespace moerge {
namespace {

// What stands in the way of using the embedding; empty: it was used.
std::string UseEmbedding(const Signals& signals, Demand* demand) {
  if (signals.embedding.empty()) return "no embedding came";
  if (signals.head == nullptr) return "its head is not trained yet";
  if (signals.head->Classify(signals.embedding, demand)) return {};
  return "the embedding has " + std::to_string(signals.embedding.size()) +
         " dimensions, the head was trained on " + std::to_string(signals.head->dimensions());
}

std::string UseKeywords(const Signals& signals, const Policy& policy, const KeywordIndex& index,
                        Demand* demand) {
  if (!signals.keywords || signals.keywords->answers == 0) return "no keywords came";
  KeywordRule rule;
  rule.recur = std::min(policy.options->llm_recur, signals.keywords->answers);
  rule.prior = static_cast<float>(policy.options->llm_prior);
  if (MixKeywords(*signals.keywords, index, rule, demand)) return {};
  return "no known skill recurred in " + std::to_string(signals.keywords->answers) + " answers";
}

std::string Use(const Signals* signals, const Policy& policy, const KeywordIndex& index,
                Demand* demand) {
  if (signals == nullptr) return "nothing was asked";
  if (policy.classifier == "embedding") return UseEmbedding(*signals, demand);
  if (policy.classifier == "llm") return UseKeywords(*signals, policy, index, demand);
  return signals->bids.empty() ? "no bids came" : std::string();
}

}  // namespace

void ApplySignals(const Signals* signals, const Policy& policy, const KeywordIndex& keywords,
                  Demand* demand) {
  if (signals != nullptr) {
    demand->notes.insert(demand->notes.end(), signals->notes.begin(), signals->notes.end());
  }
  const std::string why = Use(signals, policy, keywords, demand);
  if (why.empty()) {
    demand->classifier = policy.classifier;
  } else {
    demand->notes.push_back(policy.classifier + ": " + why + "; " + demand->classifier +
                            " instead");
  }
}

}  // namespace moerge
