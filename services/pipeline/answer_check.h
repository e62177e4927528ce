// Whether an answer is what the client said a good one is: by the verifier that it gave, or else by
// the `response_format` that it asks for. A format whose schema cannot be checked is not, which the
// reply's notes say.
//
// Owner: an Ensemble. Threads: its event loop.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/pipeline/aggregator.h"
#include "services/verify/verifier.h"

namespace moerge {

class VerifierRunner;

class AnswerCheck {
 public:
  explicit AnswerCheck(const Round& round);

  bool active() const { return verifier_.has_value(); }
  // Nothing: there is nothing to be checked, or no verdict came in time, which the notes say.
  Task<std::optional<Verification>> Of(std::string_view answer) const;

 private:
  const Round& round_;
  std::optional<Verifier> verifier_;
};

// Error: the request's verifier cannot run on this host (kInvalid, kUnavailable); says why.
Status CanCheck(const ChatRequest& request, const VerifierRunner* runner);

}  // namespace moerge
