// What routing learns only from outside: an embedding of the text, keywords from a model, bids of
// experts, which expert has answered the conversation so far. A policy says what it wants
// (WantedSignals); services gathers it within a deadline before it routes; the Router, which is
// pure, reads it from RouteRequest::signals. What is missing is noted, and routing goes on without
// it.
//
// Plain values with one owner; immutable once a request carries them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "config/entities.h"
#include "config/policy_options.h"
#include "router/balance/assignment.h"
#include "router/balance/load_shares.h"
#include "router/classify/embedding_vector.h"

namespace moerge {

class EmbeddingHead;

struct SignalsWanted {
  bool embedding = false;
  bool keywords = false;
  bool bids = false;
  bool session = false;
  bool shares = false;
  bool any() const { return embedding || keywords || bids || session || shares; }
};
// Costs some comparisons for a policy that wants nothing.
SignalsWanted WantedSignals(const Policy& policy);
BalanceRules BalanceRulesOf(const Policy& policy);

// The classifiers that need signals: "auction", "embedding", "llm".
const std::vector<std::string>& SignalClassifierNames();
bool IsSignalClassifier(std::string_view classifier);

// The options that a classifier cannot do without: they name an encoder, a keyword model.
std::vector<std::string> RequiredSignalOptions(std::string_view classifier);
// Whether those are there. Ok for the other classifiers. Error: kInvalid; `param` "options.NAME".
Status CheckSignalOptions(const Policy& policy);

enum class SignalOutcome {
  kOk,
  kFailed,
  kLate,       // the deadline of the signal passed
  kCancelled,  // no longer needed, or the client left
  kCached,     // known from an earlier call: nothing was asked
};
std::string_view SignalOutcomeName(SignalOutcome outcome);  // "ok", "failed", "late", ...

// One call that was made to decide how to route. Its tokens and cost are part of the request's.
struct SignalCall {
  std::string kind = {};    // "embedding", "keywords", "bid"
  std::string target = {};  // name of the expert or backend that was asked
  SignalOutcome outcome = SignalOutcome::kOk;
  std::string error = {};  // why not kOk, in plain words
  double ms = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  bool estimated = false;  // the tokens: the other side did not report them
  double cost_usd = 0;
};

// A keyword, and in how many answers of the keyword model it stood.
struct Keyword {
  std::string text;
  int count = 0;
};
struct KeywordSignal {
  int answers = 0;  // that came
  std::vector<Keyword> keywords;
};

// What an expert says about its chances with this request, and how far that lies above what it
// usually says.
struct Bid {
  std::string expert;
  double bid = 0;  // 0..100
  double z = 0;    // standard deviations above its own usual bid
};

// The conversation that a request belongs to.
struct SessionSignal {
  std::string expert;  // the one that answered last
  int turns = 0;       // answered so far
  int switches = 0;    // how often the expert changed
};

// What an expert took of the tenant's latest requests, and what follows for the next one.
struct ShareSignal {
  std::string expert;
  int requests = 0;
  double bias = 0;    // score points, for the order alone
  bool full = false;  // it has its most
};

// Where the request goes by what was decided of it together with the others of its batch.
struct AssignmentSignal {
  BatchAssign by{};
  std::vector<std::string> experts;  // asked, the best for it first
  AssignedExperts::How how = AssignedExperts::How::kAssigned;
  std::string instead_of;  // its own best expert; empty: that is among them
  int picked_by = 0;       // how many experts chose it
  double lost = 0;         // score points
};
std::string_view AssignmentName(BatchAssign by);                   // "balanced", ...
std::string_view AssignmentOutcomeName(AssignedExperts::How how);  // "assigned", "room", ...

struct Signals {
  EmbeddingVector embedding;                  // empty: none
  std::shared_ptr<const EmbeddingHead> head;  // null: not trained
  std::optional<KeywordSignal> keywords;
  std::vector<Bid> bids;
  std::optional<SessionSignal> session;
  std::vector<ShareSignal> shares;
  std::optional<AssignmentSignal> assignment;
  std::vector<std::string> notes;  // what did not come, and why
  std::vector<SignalCall> calls;
  double ms = 0;  // spent on gathering
};
using SignalsPtr = std::shared_ptr<const Signals>;

}  // namespace moerge
