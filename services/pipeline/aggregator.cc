#include "services/pipeline/aggregator.h"

#include <string>
#include <utility>

namespace moerge {
namespace {

class First final : public Aggregator {
 public:
  std::string_view name() const override { return "first"; }
  ChatReply Aggregate(std::vector<ExpertAnswer> answers) const override {
    return std::move(answers.front().reply);
  }
};

}  // namespace

Result<const Aggregator*> FindAggregator(const Policy& policy) {
  static const First first;
  if (policy.aggregate == first.name()) return &first;
  return Error{.code = ErrorCode::kInvalid,
               .message = "policy `" + policy.name + "`: there is no aggregate `" +
                          policy.aggregate + "`; use `first`",
               .param = "aggregate"};
}

}  // namespace moerge
