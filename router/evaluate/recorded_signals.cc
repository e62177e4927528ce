#include "router/evaluate/recorded_signals.h"

#include <algorithm>
#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "router/signals_json.h"

namespace moerge {
namespace {

Error Bad(std::string message) { return Error{ErrorCode::kInvalid, std::move(message)}; }

Status CheckBids(const Signals& signals) {
  for (const Bid& bid : signals.bids) {
    if (bid.expert.empty() || !(bid.bid >= 0 && bid.bid <= 100)) {
      return Bad("`signals.bids` holds what is no {\"expert\", \"bid\": 0 to 100}");
    }
  }
  return Ok{};
}

}  // namespace

bool HasSignalFor(const Signals& signals, std::string_view classifier) {
  if (classifier == "embedding") return !signals.embedding.empty();
  if (classifier == "llm") return signals.keywords.has_value() && signals.keywords->answers > 0;
  return classifier == "auction" && !signals.bids.empty();
}

Status RecordedSignals::Add(std::string_view line) {
  if (Trim(line).empty()) return Ok{};
  const Result<json::Document> document = json::Document::Parse(line);
  if (!document) return Bad("not JSON: " + document.error().message);
  const auto id = document->root().Find("id").AsString();
  const json::Value signals = document->root().Find("signals");
  if (!id || id->empty() || !signals.is_object()) {
    return Bad("expected {\"id\": \"...\", \"signals\": {...}}, as `moerge record` writes it");
  }
  return Take(std::string(*id), signals);
}

Status RecordedSignals::Take(const std::string& id, json::Value value) {
  if (by_id_.contains(id)) return Bad("the id `" + id + "` has been seen before");
  Signals signals = *ReadSignals(value);
  if (Status vector = TakeVector(value.Find("embedding"), &signals); !vector) return vector;
  if (Status bids = CheckBids(signals); !bids) return bids;
  Measure(value.Find("bids"), &signals);
  by_id_.emplace(id, std::move(signals));
  return Ok{};
}

Status RecordedSignals::TakeVector(json::Value embedding, Signals* signals) {
  if (!embedding || embedding.is_null()) return Ok{};
  if (embedding.is_array()) {
    Result<EmbeddingVector> vector = ParseVector(embedding);
    if (!vector) return Bad("`signals.embedding`: " + vector.error().message);
    signals->embedding = *std::move(vector);
  }
  const std::size_t dimensions = signals->embedding.size();
  if (dimensions == 0) return Bad("`signals.embedding` holds no vector");
  if (dimensions_ == 0) dimensions_ = dimensions;
  if (dimensions == dimensions_) return Ok{};
  return Bad("`signals.embedding` has " + std::to_string(dimensions) +
             " dimensions, those before had " + std::to_string(dimensions_));
}

void RecordedSignals::Measure(json::Value bids, Signals* signals) {
  std::size_t place = 0;
  for (const json::Value value : bids.children()) {
    Bid& bid = signals->bids[place++];
    if (value.Find("z").AsDouble()) continue;
    BidStatistics& usual = bidders_[bid.expert];
    bid.z = usual.Z(bid.bid);
    usual.Add(bid.bid);
  }
}

const Signals* RecordedSignals::Find(const std::string& id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : &at->second;
}

std::size_t RecordedSignals::CountFor(std::string_view classifier) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      by_id_, [&](const auto& each) { return HasSignalFor(each.second, classifier); }));
}

}  // namespace moerge
