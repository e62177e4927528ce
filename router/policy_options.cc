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
     "how much of several answers together whoever reads them gets to see; longer ones are cut "
     "first"},
    {"answers.keep", kChoice, 0, 0, "text", "text hash",
     "what the decision record keeps of each expert's answer"},
    {"answers.kind", kChoice, 0, 0, "auto", "auto choice number text json",
     "what is read out of replies and compared"},
    {"answers.minimum", kInteger, 1, 64, "1", "",
     "how many experts must have answered for there to be one answer"},
    {"auction.candidates", kInteger, 2, 16, "4", "", "how many experts may bid"},
    {"auction.deadline_ms", kInteger, 1, 600000, "1500", "", "how long routing waits for bids"},
    {"auction.logprobs", kFlag, 0, 0, "false", "",
     "whether experts are asked for log-probabilities, and the bid is their mean"},
    {"auction.max_tokens", kInteger, 1, 1024, "8", "", "the longest bid"},
    {"auction.weight", kNumber, 0, 5, "0.2", "",
     "what a bid of one standard deviation above the usual adds to an expert's log-odds"},
    {"author.attribution", kFlag, 0, 0, "false", "",
     "whether every sentence ends with the letters of the answers that it rests on"},
    {"author.expert", kText, 0, 0, "", "",
     "who writes the one answer; where nobody is named, or cannot, the one expected to be the best "
     "at the request"},
    {"best_of.scorer", kChoice, 0, 0, "auto", "auto agreement judge pairwise",
     "by what the best answer is found; auto: agreement where answers can be compared, else judge"},
    {"cascade.logprob_weight", kNumber, 0, 5, "0", "",
     "what a reply's own token probabilities add to the log-odds that it is right, for one nat "
     "above the usual; 0: replies are not asked for them"},
    {"cascade.max", kInteger, 1, 64, "4", "", "the most experts that are asked"},
    {"cascade.target", kNumber, 0, 2, "0.9", "",
     "an answer is good enough when it is right with this share of the probability that the "
     "strongest expert's would be"},
    {"confidence.below", kChoice, 0, 0, "abstain", "abstain escalate",
     "what happens to an answer below confidence.floor: the reply says that there is none, or one "
     "more expert answers"},
    {"confidence.expert", kText, 0, 0, "", "",
     "who answers then, separated by commas; behind them the best who have not answered yet"},
    {"confidence.floor", kNumber, 0, 1, "0", "",
     "the least probability of being right with which an answer of several experts is given"},
    {"confidence.paraphrases", kInteger, 0, 5, "0", "",
     "how often the expert of an answer below confidence.floor is asked the same in other words "
     "first"},
    {"confidence.words", kText, 0, 0, "I do not have an answer to this that I am sure enough of.",
     "", "what the reply says where there is no answer"},
    {"debate.rounds", kInteger, 1, 8, "2", "", "how often the two sides answer each other at most"},
    {"embedding.backend", kText, 0, 0, "", "",
     "the backend whose /embeddings turns texts into vectors"},
    {"embedding.deadline_ms", kInteger, 1, 60000, "150", "",
     "how long routing waits for a request's vector"},
    {"embedding.head", kChoice, 0, 0, "logistic", "logistic centroid knn",
     "what is trained on the vectors"},
    {"embedding.model", kText, 0, 0, "", "", "what that backend calls the encoder"},
    {"experts.abstain", kNumber, 0, 1, "0", "",
     "nobody is asked when the answer is expected to be right with less probability"},
    {"experts.broadcast", kInteger, 2, 64, "5", "",
     "how many are asked when the lead is below experts.margin"},
    {"experts.caution", kNumber, 0, 10, "0", "",
     "the model strongest overall is left only for a lead of more than so many standard deviations "
     "of what was measured; one seat and no price weight alone"},
    {"experts.complementarity", kNumber, 0, 1, "0.1", "",
     "expected score that an expert loses for each one before it that fails on the same "
     "requests"},
    {"experts.confidence", kNumber, 0, 1, "1", "",
     "with experts.max: no more experts than the combined answer needs to be right with this "
     "probability"},
    {"experts.gain", kNumber, 0, 1, "0.01", "",
     "with experts.max: probability of a right answer that every further call must be expected "
     "to add"},
    {"experts.margin", kNumber, 0, 1, "0", "",
     "when the first leads by less, experts.broadcast of them are asked; 0: never"},
    {"experts.max", kInteger, 0, 64, "0", "",
     "up to so many experts are asked, as many as the request needs; 0: always `experts`"},
    {"experts.null", kFlag, 0, 0, "false", "",
     "seats stay empty that are expected to add less than experts.tolerance, all of them when "
     "one "
     "cheap or general expert will do"},
    {"experts.tolerance", kNumber, 0, 1, "0.01", "",
     "with experts.null: probability of a right answer that fewer calls may cost"},
    {"gate.experts", kNumber, 0, 1, "1", "",
     "how much the experts' gates count against their profiles"},
    {"judge.agreement", kNumber, 0, 1, "0.6", "",
     "who was measured to agree less with the right answers of the request's category does not "
     "judge there; 0: everybody may"},
    {"judge.count", kInteger, 1, 8, "1", "", "how many judges are asked about an answer"},
    {"judge.experts", kText, 0, 0, "", "",
     "who judges, separated by commas, the first ones first; behind them, and where none is named, "
     "those expected to be the best at the request"},
    {"judge.max_tokens", kInteger, 16, 100000, "1024", "", "the longest verdict"},
    {"kinds.*", kChoice, 0, 0, "auto", "auto choice number text json",
     "answers.kind for requests whose most probable skill is the one named"},
    {"knn.experts", kNumber, 0, 1, "0", "",
     "how much the scores of the most similar prompts count against the profile"},
    {"knn.k", kInteger, 1, 1000, "100", "", "how many of the most similar stored prompts vote"},
    {"layers.depth", kInteger, 1, 8, "2", "",
     "how many layers of experts answer before one answer is written"},
    {"layers.review", kFlag, 0, 0, "false", "",
     "whether the experts rank each other's answers without names before that"},
    {"limits.calls", kInteger, 0, 1000, "0", "",
     "how many calls of experts one request may take; 0: any number"},
    {"limits.cost_usd", kNumber, 0, 1e9, "0", "",
     "what all calls for one request may cost in USD; 0: anything"},
    {"limits.time_ms", kInteger, 0, 86400000, "0", "",
     "how long one request may take, routing included; 0: as long as the server allows"},
    {"limits.tokens", kInteger, 0, 1e12, "0", "",
     "how many tokens prompts and answers of one request may have; 0: any number"},
    {"llm.deadline_ms", kInteger, 1, 600000, "3000", "", "how long routing waits for keywords"},
    {"llm.expert", kText, 0, 0, "", "", "the expert that names keywords"},
    {"llm.max_tokens", kInteger, 1, 4096, "64", "", "the longest answer with keywords"},
    {"llm.prior", kNumber, 0.01, 100, "1", "",
     "how many answers what the text itself says counts for"},
    {"llm.recur", kInteger, 1, 9, "2", "", "in how many answers a skill must be named to count"},
    {"llm.samples", kInteger, 1, 9, "3", "", "how often it is asked for one request"},
    {"mapping.budget", kNumber, 0, 1e12, "1e12", "",
     "mean cost of a request that the mapping may reach, in units of mapping.measure"},
    {"mapping.measure", kChoice, 0, 0, "price", "price size latency",
     "what is bounded: price (USD per million tokens), size (billions of active parameters) or "
     "latency (ms until the whole answer is there, measured or else declared)"},
    {"mapping.none", kFlag, 0, 0, "false", "",
     "the mapping may leave skills to nobody to stay within its budget"},
    {"race.hedge", kNumber, 0, 1, "0", "",
     "the next expert is asked when the one before has taken longer than this share of its "
     "answers; "
     "0: all at once"},
    {"race.hedge_ms", kInteger, 1, 600000, "2000", "",
     "the same in ms while its answers were not measured"},
    {"refine.drafts", kInteger, 1, 64, "5", "", "how many drafts are drawn before the answer"},
    {"refine.temperature", kNumber, 0, 2, "0.7", "", "how much drafts of one expert differ"},
    {"rules.*", kText, 0, 0, "", "",
     "keywords and /expressions/ that tell of the skill, separated by commas"},
    {"rules.mode", kChoice, 0, 0, "prior", "prior first",
     "prior: a rule raises the odds of its skill; first: a rule that matches decides"},
    {"rules.weight", kNumber, 0, 10, "2", "",
     "what a matching rule adds to the log odds of its skill while few prompts have it"},
    {"sampling.temperature", kNumber, 0.001, 10, "0.05", "",
     "how evenly experts are drawn: high, any; low, the strongest"},
    {"session.idle_s", kInteger, 1, 86400, "1800", "",
     "the seconds without a request after which a conversation is forgotten"},
    {"session.key", kChoice, 0, 0, "auto", "auto header prefix",
     "what tells conversations apart: the header x-session-id, the conversation's first turns, "
     "or "
     "the header where there is one and else the turns"},
    {"session.margin", kNumber, 0, 1, "0.05", "",
     "the score points by which another expert must be better to take a conversation over"},
    {"session.max_switches", kInteger, 0, 1000, "3", "",
     "how often a conversation changes experts before it stays with one"},
    {"session.sticky", kFlag, 0, 0, "false", "",
     "whether the expert that answered a conversation keeps it"},
    {"stream.comment_ms", kInteger, 0, 600000, "5000", "",
     "how long a stream of one expert's answer waits for its beginning before the client hears "
     "comments; until then an error has its own HTTP status; 0: no comments"},
    {"tools.threshold", kNumber, 0, 1, "0.15", "",
     "the least probability of a tool's skill at which it is asked before the models"},
    {"tree.depth", kInteger, 1, 12, "6", "", "the most conditions that lead to a region"},
    {"tree.experts", kNumber, 0, 1, "0.5", "",
     "how much an expert's record in the region counts against its profile"},
    {"tree.rows", kInteger, 5, 10000, "40", "", "the fewest stored prompts in a region"},
    {"vote.at_once", kInteger, 0, 64, "0", "",
     "how many experts are asked at a time; 0: as many as could decide the vote if they agreed"},
    {"vote.confidence", kNumber, 0, 1, "1", "",
     "nobody further is asked when the winning answer is right with this probability; 1: when it "
     "cannot lose"},
    {"vote.gain", kNumber, 0, 1, "0.004", "",
     "nobody further is asked when every further call is expected to add less to the probability "
     "of a right answer; 0: only when the vote cannot be changed"},
    {"vote.numbers", kChoice, 0, 0, "plurality", "plurality median mean",
     "what becomes of numbers: the one with the most weight, the one at the weighted median, or "
     "the "
     "one nearest to the mean without a fifth at either end; for the last two everybody is heard"},
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

// What counts for a policy: what it says, or the default.
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
