// Recorded signals as one fold's routers would get them: with the head trained on the fold's own
// rows, and bids of only the experts that would be invited. Not thread-safe; what it refers to must
// outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "registry/table_parser.h"
#include "router/classify/embedding_head.h"
#include "router/evaluate/recorded_signals.h"
#include "router/offline/table_router.h"

namespace moerge {

class SignalReplay {
 public:
  // `train`: indices of the rows that the fold learns from.
  SignalReplay(const RecordedSignals& recorded, const std::vector<TableRow>& rows,
               std::span<const std::uint32_t> train, const TableRouter& router)
      : recorded_(recorded), rows_(rows), train_(train.begin(), train.end()), router_(router) {}

  // Null: the policy needs none, or nothing was recorded of that question.
  SignalsPtr Of(const TableRow& row, const Policy& policy);

 private:
  std::shared_ptr<const EmbeddingHead> Head(const Policy& policy);
  EmbeddingRows HeadRows() const;
  std::vector<Bid> BidsOfInvited(const TableRow& row, const Policy& policy,
                                 const std::vector<Bid>& bids) const;

  const RecordedSignals& recorded_;
  const std::vector<TableRow>& rows_;
  const std::vector<std::uint32_t> train_;
  const TableRouter& router_;
  std::map<HeadKind, std::shared_ptr<const EmbeddingHead>> heads_;
};

}  // namespace moerge
