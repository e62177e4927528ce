#include "router/policy_options.h"

#include <algorithm>
#include <cmath>

#include "config/base/text.h"

namespace moerge {
namespace {

using enum OptionType;

// In order of their names.
constexpr PolicyOption kOptions[] = {
    {"answers.bytes", kInteger, 1000, 1000000, "32000", "",
     "bytes of all answers together that an author or judge reads; the longest are "
     "shortened first"},
    {"answers.keep", kChoice, 0, 0, "text", "text hash",
     "what the decision record keeps of each expert's answer"},
    {"answers.kind", kChoice, 0, 0, "auto", "auto choice number text json",
     "what is extracted from replies and compared"},
    {"answers.minimum", kInteger, 1, 64, "1", "",
     "the fewest experts that must answer for the request to succeed"},
    {"auction.candidates", kInteger, 2, 16, "4", "", "how many experts may bid"},
    {"auction.deadline_ms", kInteger, 1, 600000, "1500", "", "how long routing waits for bids"},
    {"auction.logprobs", kFlag, 0, 0, "false", "",
     "whether experts are asked for log-probabilities, and the bid is their mean"},
    {"auction.max_tokens", kInteger, 1, 1024, "8", "", "the longest bid"},
    {"auction.weight", kNumber, 0, 5, "0.2", "",
     "what a bid one standard deviation above the expert's usual bid adds to its log-odds"},
    {"author.attribution", kFlag, 0, 0, "false", "",
     "whether every sentence ends with the letters of the answers that it rests on"},
    {"author.expert", kText, 0, 0, "", "",
     "the expert that writes the final answer; if empty or unavailable, the one expected "
     "to do best on the request"},
    {"best_of.scorer", kChoice, 0, 0, "auto", "auto agreement judge pairwise",
     "how the best answer is found; auto: by agreement if answers can be compared, else "
     "by a judge"},
    {"cascade.logprob_weight", kNumber, 0, 5, "0", "",
     "what a reply's token probabilities add to the log-odds that it is right, per nat "
     "above the usual; 0: they are not requested"},
    {"cascade.max", kInteger, 1, 64, "4", "", "the most experts that are asked"},
    {"cascade.target", kNumber, 0, 2, "0.9", "",
     "an answer is accepted when its probability of being right reaches this share of the "
     "strongest expert's"},
    {"confidence.below", kChoice, 0, 0, "abstain", "abstain escalate",
     "what happens to an answer below confidence.floor: abstain replies that there is "
     "none, escalate asks one more expert"},
    {"confidence.expert", kText, 0, 0, "", "",
     "experts for escalation, separated by commas; after them the best that have not "
     "answered yet"},
    {"confidence.floor", kNumber, 0, 1, "0", "",
     "the least probability of being right with which a combined answer is given"},
    {"confidence.paraphrases", kInteger, 0, 5, "0", "",
     "how many paraphrases of the request the expert of an answer below confidence.floor "
     "answers first"},
    {"confidence.words", kText, 0, 0, "I do not have an answer to this that I am sure enough of.",
     "", "the reply when there is no answer"},
    {"debate.rounds", kInteger, 1, 8, "2", "",
     "the most rounds in which the two sides answer each other"},
    {"embedding.backend", kText, 0, 0, "", "",
     "the backend whose /embeddings turns texts into vectors"},
    {"embedding.deadline_ms", kInteger, 1, 60000, "150", "",
     "how long routing waits for a request's vector"},
    {"embedding.head", kChoice, 0, 0, "logistic", "logistic centroid knn",
     "what is trained on the vectors"},
    {"embedding.model", kText, 0, 0, "", "", "the encoder's model name on that backend"},
    {"experts.abstain", kNumber, 0, 1, "0", "",
     "no expert is asked when the answer is expected to be right with a lower probability"},
    {"experts.broadcast", kInteger, 2, 64, "5", "",
     "how many are asked when the lead is below experts.margin"},
    {"experts.caution", kNumber, 0, 10, "0", "",
     "another expert replaces the strongest model only if it leads by more than this many "
     "standard deviations of the measurements; applies to one seat without a price weight"},
    {"experts.complementarity", kNumber, 0, 1, "0.1", "",
     "expected score that an expert loses for each earlier one that fails on the same "
     "requests"},
    {"experts.confidence", kNumber, 0, 1, "1", "",
     "with experts.max: recruiting stops when the combined answer is right with this "
     "probability"},
    {"experts.gain", kNumber, 0, 1, "0.01", "",
     "with experts.max: the least that every further call must be expected to add to the "
     "probability of a right answer"},
    {"experts.margin", kNumber, 0, 1, "0", "",
     "experts.broadcast experts are asked when the first leads by less; 0: never"},
    {"experts.max", kInteger, 0, 64, "0", "",
     "the most experts that are asked; as many as the request needs; 0: always `experts`"},
    {"experts.null", kFlag, 0, 0, "false", "",
     "seats expected to add less than experts.tolerance stay empty; all but one if one "
     "cheap or general expert suffices"},
    {"experts.tolerance", kNumber, 0, 1, "0.01", "",
     "with experts.null: probability of a right answer that fewer calls may cost"},
    {"gate.experts", kNumber, 0, 1, "1", "", "weight of the experts' gates against their profiles"},
    {"judge.agreement", kNumber, 0, 1, "0.6", "",
     "an expert measured to agree less with right answers of the request's category does "
     "not judge there; 0: no such check"},
    {"judge.count", kInteger, 1, 8, "1", "", "how many judges assess an answer"},
    {"judge.experts", kText, 0, 0, "", "",
     "the judges, separated by commas, in order of preference; after them, or if empty, "
     "those expected to do best on the request"},
    {"judge.max_tokens", kInteger, 16, 100000, "1024", "", "the longest judge's reply"},
    {"kinds.*", kChoice, 0, 0, "auto", "auto choice number text json",
     "answers.kind for requests whose most probable skill is the one named"},
    {"knn.experts", kNumber, 0, 1, "0", "",
     "weight of the scores on the most similar prompts against the profile"},
    {"knn.k", kInteger, 1, 1000, "100", "", "how many of the most similar stored prompts vote"},
    {"layers.depth", kInteger, 1, 8, "2", "",
     "how many layers of experts answer before the final answer is written"},
    {"layers.review", kFlag, 0, 0, "false", "",
     "whether the experts first rank each other's anonymised answers"},
    {"limits.calls", kInteger, 0, 1000, "0", "",
     "the most expert calls for one request; 0: no limit"},
    {"limits.cost_usd", kNumber, 0, 1e9, "0", "",
     "the most that all calls for one request may cost in USD; 0: no limit"},
    {"limits.time_ms", kInteger, 0, 86400000, "0", "",
     "the longest that one request may take, routing included; 0: the server's limit"},
    {"limits.tokens", kInteger, 0, 1e12, "0", "",
     "the most prompt and answer tokens for one request; 0: no limit"},
    {"llm.deadline_ms", kInteger, 1, 600000, "3000", "", "how long routing waits for keywords"},
    {"llm.expert", kText, 0, 0, "", "", "the expert that names keywords"},
    {"llm.max_tokens", kInteger, 1, 4096, "64", "", "the longest answer with keywords"},
    {"llm.prior", kNumber, 0.01, 100, "1", "",
     "weight of the text's own prediction, in sampled answers"},
    {"llm.recur", kInteger, 1, 9, "2", "",
     "the number of answers that must name a skill for it to count"},
    {"llm.samples", kInteger, 1, 9, "3", "",
     "how many keyword answers are sampled for one request"},
    {"mapping.budget", kNumber, 0, 1e12, "1e12", "",
     "the highest mean cost of a request under the mapping, in units of mapping.measure"},
    {"mapping.measure", kChoice, 0, 0, "price", "price size latency",
     "what is bounded: price (USD per million tokens), size (billions of active "
     "parameters) or latency (ms until the whole answer has arrived, measured or else "
     "declared)"},
    {"mapping.none", kFlag, 0, 0, "false", "",
     "whether the mapping may leave skills without an expert to stay within its budget"},
    {"race.hedge", kNumber, 0, 1, "0", "",
     "the next expert is asked when the previous one has taken longer than this share of "
     "its answers; 0: all at once"},
    {"race.hedge_ms", kInteger, 1, 600000, "2000", "",
     "the same in ms until its answers have been measured"},
    {"refine.drafts", kInteger, 1, 64, "5", "", "how many drafts are written before the answer"},
    {"refine.temperature", kNumber, 0, 2, "0.7", "", "sampling temperature of the drafts"},
    {"rules.*", kText, 0, 0, "", "",
     "keywords and /expressions/ that indicate the skill, separated by commas"},
    {"rules.mode", kChoice, 0, 0, "prior", "prior first",
     "prior: a rule raises the odds of its skill; first: a matching rule decides"},
    {"rules.weight", kNumber, 0, 10, "2", "",
     "what a matching rule adds to the log-odds of its skill while few prompts have it"},
    {"sampling.temperature", kNumber, 0.001, 10, "0.05", "",
     "how evenly experts are drawn: high, any of them; low, the strongest"},
    {"session.idle_s", kInteger, 1, 86400, "1800", "",
     "seconds without a request after which a conversation is forgotten"},
    {"session.key", kChoice, 0, 0, "auto", "auto header prefix",
     "what identifies a conversation: the header x-session-id, the conversation's first "
     "turns (prefix), or the header if present and else the turns (auto)"},
    {"session.margin", kNumber, 0, 1, "0.05", "",
     "the score points by which another expert must lead to take over a conversation"},
    {"session.max_switches", kInteger, 0, 1000, "3", "",
     "how often a conversation changes experts before it stays with one"},
    {"session.sticky", kFlag, 0, 0, "false", "",
     "whether the expert that answered a conversation keeps it"},
    {"stream.comment_ms", kInteger, 0, 600000, "5000", "",
     "how long a stream of one expert's answer may stay silent before comments keep it "
     "alive; until then an error has its own HTTP status; 0: no comments"},
    {"tools.threshold", kNumber, 0, 1, "0.15", "",
     "the least probability of a tool's skill at which the tool is asked before the "
     "models"},
    {"tree.depth", kInteger, 1, 12, "6", "", "the most conditions that lead to a region"},
    {"tree.experts", kNumber, 0, 1, "0.5", "",
     "weight of an expert's record in the region against its profile"},
    {"tree.rows", kInteger, 5, 10000, "40", "", "the fewest stored prompts in a region"},
    {"vote.at_once", kInteger, 0, 64, "0", "",
     "how many experts are asked at a time; 0: as many as could decide the vote if they "
     "agreed"},
    {"vote.confidence", kNumber, 0, 1, "1", "",
     "no further expert is asked when the winning answer is right with this probability; "
     "1: only when it cannot lose"},
    {"vote.gain", kNumber, 0, 1, "0.004", "",
     "no further expert is asked when every further call is expected to add less to the "
     "probability of a right answer; 0: only when the vote cannot change"},
    {"vote.numbers", kChoice, 0, 0, "plurality", "plurality median mean",
     "how numeric answers are combined: plurality (the one with the most weight), median "
     "(weighted) or mean (the answer nearest to the mean without the outer fifths); for "
     "the last two every expert is asked"},
};

// `name` itself, or the `stem.*` that it belongs to.
const PolicyOption* Find(std::string_view name) {
  const auto at = std::ranges::lower_bound(kOptions, name, {}, &PolicyOption::name);
  if (at != std::ranges::end(kOptions) && at->name == name) return &*at;
  const std::size_t dot = name.find('.');
  if (dot == name.npos || dot + 1 == name.size()) return nullptr;
  const std::string any = std::string(name.substr(0, dot)) + ".*";
  const auto stem = std::ranges::lower_bound(kOptions, any, {}, &PolicyOption::name);
  return stem != std::ranges::end(kOptions) && stem->name == any ? &*stem : nullptr;
}

bool OneOf(std::string_view value, std::string_view choices) {
  while (!choices.empty()) {
    const std::size_t end = std::min(choices.find(' '), choices.size());
    if (choices.substr(0, end) == value) return true;
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return false;
}

bool Allowed(const PolicyOption& option, std::string_view value) {
  if (option.type == OptionType::kText) return !value.empty();
  if (option.type == OptionType::kFlag) return value == "true" || value == "false";
  if (option.type == OptionType::kChoice) return OneOf(value, option.choices);
  const std::optional<double> number = ParseDouble(value);
  if (!number || !(*number >= option.least && *number <= option.most)) return false;
  return option.type == OptionType::kNumber || *number == std::floor(*number);
}

std::string WhatIsAllowed(const PolicyOption& option) {
  const std::string range =
      " from " + FormatNumber(option.least) + " to " + FormatNumber(option.most);
  switch (option.type) {
    case OptionType::kNumber: return "a number" + range;
    case OptionType::kInteger: return "a whole number" + range;
    case OptionType::kFlag: return "true or false";
    case OptionType::kChoice: return "one of " + std::string(option.choices);
    case OptionType::kText: return "a text that is not empty";
  }
  return {};
}

// The value in force: what the policy sets, or the default.
std::string_view Value(const Policy& policy, std::string_view name) {
  if (!policy.options.empty()) {
    const auto at = policy.options.find(std::string(name));
    if (at != policy.options.end()) return at->second;
  }
  const PolicyOption* option = Find(name);
  return option == nullptr ? std::string_view() : option->fallback;
}

}  // namespace

std::span<const PolicyOption> PolicyOptions() { return kOptions; }

Status CheckOption(std::string_view name, std::string_view value) {
  const std::string param = "options." + std::string(name);
  const PolicyOption* option = Find(name);
  if (option == nullptr) {
    std::vector<std::string> known;
    for (const PolicyOption& each : PolicyOptions()) known.emplace_back(each.name);
    return Error{.code = ErrorCode::kInvalid,
                 .message = "`" + std::string(name) + "` is not a policy option; known: " +
                            Join(known, ", ") + "." + DidYouMean(std::string(name), known),
                 .param = param};
  }
  if (Allowed(*option, value)) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message = "`" + std::string(name) + "` is " + WhatIsAllowed(*option) + ", not `" +
                          std::string(value) + "`",
               .param = param};
}

Status CheckSkillOption(std::string_view name, const std::vector<std::string>& skills) {
  const std::string skill(name.substr(name.find('.') + 1));
  if (std::find(skills.begin(), skills.end(), skill) != skills.end()) return Ok{};
  return Error{.code = ErrorCode::kInvalid,
               .message = "`" + std::string(name) + "`: there is no skill `" + skill + "`." +
                          DidYouMean(skill, skills),
               .param = "options." + std::string(name)};
}

double NumberOption(const Policy& policy, std::string_view name) {
  return ParseDouble(Value(policy, name)).value_or(0);
}

bool FlagOption(const Policy& policy, std::string_view name) {
  return Value(policy, name) == "true";
}

std::string TextOption(const Policy& policy, std::string_view name) {
  return std::string(Value(policy, name));
}

}  // namespace moerge
