#include "config/policy_options.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

#include "config/base/field_count.h"
#include "config/base/text.h"

namespace moerge {
namespace {

template <class T>
constexpr bool kIsDuration = false;
template <class Rep, class Period>
constexpr bool kIsDuration<std::chrono::duration<Rep, Period>> = true;

template <class T>
constexpr OptionType TypeOf() {
  if constexpr (std::is_same_v<T, bool>) return OptionType::kFlag;
  if constexpr (std::is_same_v<T, double>) return OptionType::kNumber;
  if constexpr (std::is_integral_v<T> || kIsDuration<T>) return OptionType::kInteger;
  if constexpr (std::is_enum_v<T>) return OptionType::kChoice;
  return OptionType::kText;
}

// Where `word` stands among `choices`, if it does.
std::optional<std::size_t> IndexOf(std::string_view choices, std::string_view word) {
  for (std::size_t index = 0; !choices.empty(); ++index) {
    const std::size_t end = std::min(choices.find(' '), choices.size());
    if (choices.substr(0, end) == word) return index;
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return std::nullopt;
}

void Read(const PolicyOption&, std::string_view word, std::string* value) { *value = word; }
void Read(const PolicyOption&, std::string_view word, bool* value) { *value = word == "true"; }
template <class T>
requires std::is_enum_v<T>
void Read(const PolicyOption& option, std::string_view word, T* value) {
  *value = static_cast<T>(IndexOf(option.choices, word).value_or(0));
}
template <class T>
requires std::is_arithmetic_v<T>
void Read(const PolicyOption&, std::string_view word, T* value) {
  *value = static_cast<T>(ParseDouble(word).value_or(0));
}
template <class Rep, class Period>
void Read(const PolicyOption& option, std::string_view word,
          std::chrono::duration<Rep, Period>* value) {
  std::int64_t count = 0;
  Read(option, word, &count);
  *value = std::chrono::duration<Rep, Period>(count);
}
template <class V>
void Read(const PolicyOption& option, std::string_view rest, std::string_view word,
          std::map<std::string, V>* values) {
  Read(option, word, &(*values)[std::string(rest)]);
}

template <auto kMember>
void Assign(const PolicyOption& option, std::string_view rest, std::string_view word,
            PolicyValues* values) {
  if constexpr (requires { Read(option, word, &(values->*kMember)); }) {
    Read(option, word, &(values->*kMember));
  } else {
    Read(option, rest, word, &(values->*kMember));
  }
}

template <class T>
struct ElementOf {
  using Type = T;
};
template <class V>
struct ElementOf<std::map<std::string, V>> {
  using Type = V;
};

template <auto kMember>
constexpr PolicyOption Row(std::string_view name, double least, double most,
                           std::string_view fallback, std::string_view choices,
                           std::string_view help) {
  using Member = std::remove_cvref_t<decltype(std::declval<PolicyValues>().*kMember)>;
  using Element = typename ElementOf<Member>::Type;
  return {name, TypeOf<Element>(), least, most, fallback, choices, help, Assign<kMember>};
}

// In order of their names.
constexpr PolicyOption kOptions[] = {
    Row<&PolicyValues::answers_bytes>("answers.bytes", 1000, 1000000, "32000", "",
                                      "bytes of all answers together that an author or judge "
                                      "reads; the longest are shortened first"),
    Row<&PolicyValues::answers_keep>("answers.keep", 0, 0, "text", "text hash",
                                     "what the decision record keeps of each expert's answer"),
    Row<&PolicyValues::answers_kind>("answers.kind", 0, 0, "auto", "auto choice number text json",
                                     "what is extracted from replies and compared"),
    Row<&PolicyValues::answers_minimum>(
        "answers.minimum", 1, 64, "1", "",
        "the fewest experts that must answer for the request to succeed"),
    Row<&PolicyValues::auction_candidates>("auction.candidates", 2, 16, "4", "",
                                           "how many experts may bid"),
    Row<&PolicyValues::auction_deadline_ms>("auction.deadline_ms", 1, 600000, "1500", "",
                                            "how long routing waits for bids"),
    Row<&PolicyValues::auction_logprobs>(
        "auction.logprobs", 0, 0, "false", "",
        "whether experts are asked for log-probabilities, and the bid is their mean"),
    Row<&PolicyValues::auction_max_tokens>("auction.max_tokens", 1, 1024, "8", "",
                                           "the longest bid"),
    Row<&PolicyValues::auction_weight>(
        "auction.weight", 0, 5, "0.2", "",
        "what a bid one standard deviation above the expert's usual bid adds to its log-odds"),
    Row<&PolicyValues::author_attribution>(
        "author.attribution", 0, 0, "false", "",
        "whether every sentence ends with the letters of the answers that it rests on"),
    Row<&PolicyValues::author_expert>("author.expert", 0, 0, "", "",
                                      "the expert that writes the final answer; if empty or "
                                      "unavailable, the one expected to do best on the request"),
    Row<&PolicyValues::balance_capacity>(
        "balance.capacity", 0, 100, "0", "",
        "times an equal share of the window that one expert takes at most; 0: no bound"),
    Row<&PolicyValues::balance_isolation>(
        "balance.isolation", 0, 0, "tenant", "tenant none",
        "whose requests count together: those of one API key, so that no client changes or "
        "learns where another's go (tenant), or all of the policy's (none)"),
    Row<&PolicyValues::balance_overflow>(
        "balance.overflow", 0, 0, "reroute", "reroute refuse",
        "a request whose expert has its most goes to the next best (reroute), or is refused with "
        "429 (refuse)"),
    Row<&PolicyValues::balance_step>(
        "balance.step", 0, 0.1, "0", "",
        "score points by which an expert that takes less than an equal share gains on the others, "
        "each tenth of a window; counts for the order alone, in no vote; 0: no balancing"),
    Row<&PolicyValues::balance_window>("balance.window", 10, 100000, "1000", "",
                                       "how many of the latest requests count"),
    Row<&PolicyValues::batch_assign>(
        "batch.assign", 0, 0, "none", "none expert_choice balanced",
        "where the requests of one batch or bulk request go: each to its own best expert (none), "
        "to those of which it is among the best (expert_choice), or so that all experts get their "
        "part and scores are the highest that this leaves (balanced)"),
    Row<&PolicyValues::batch_capacity>(
        "batch.capacity", 1, 100, "1", "",
        "with batch.assign: times its part of the requests that one expert takes at most; 1: as "
        "even as it gets"),
    Row<&PolicyValues::batch_part>(
        "batch.part.*", 0.001, 1000, "1", "",
        "with batch.assign: what an expert's part is, against those of the others"),
    Row<&PolicyValues::best_of_scorer>("best_of.scorer", 0, 0, "auto",
                                       "auto agreement judge pairwise",
                                       "how the best answer is found; auto: by agreement if "
                                       "answers can be compared, else by a judge"),
    Row<&PolicyValues::cascade_logprob_weight>(
        "cascade.logprob_weight", 0, 5, "0", "",
        "what a reply's token probabilities add to the log-odds that it is right, per nat above "
        "the usual; 0: they are not requested"),
    Row<&PolicyValues::cascade_max>("cascade.max", 1, 64, "4", "",
                                    "the most experts that are asked"),
    Row<&PolicyValues::cascade_target>("cascade.target", 0, 2, "0.9", "",
                                       "an answer is accepted when its probability of being right "
                                       "reaches this share of the strongest expert's"),
    Row<&PolicyValues::confidence_below>(
        "confidence.below", 0, 0, "abstain", "abstain escalate",
        "what happens to an answer below confidence.floor: abstain replies that there is none, "
        "escalate asks one more expert"),
    Row<&PolicyValues::confidence_expert>("confidence.expert", 0, 0, "", "",
                                          "experts for escalation, separated by commas; after them "
                                          "the best that have not answered yet"),
    Row<&PolicyValues::confidence_floor>(
        "confidence.floor", 0, 1, "0", "",
        "the least probability of being right with which a combined answer is given"),
    Row<&PolicyValues::confidence_paraphrases>("confidence.paraphrases", 0, 5, "0", "",
                                               "how many paraphrases of the request the expert of "
                                               "an answer below confidence.floor answers first"),
    Row<&PolicyValues::confidence_words>(
        "confidence.words", 0, 0, "I do not have an answer to this that I am sure enough of.", "",
        "the reply when there is no answer"),
    Row<&PolicyValues::debate_rounds>("debate.rounds", 1, 8, "2", "",
                                      "the most rounds in which the two sides answer each other"),
    Row<&PolicyValues::embedding_backend>("embedding.backend", 0, 0, "", "",
                                          "the backend whose /embeddings turns texts into vectors"),
    Row<&PolicyValues::embedding_deadline_ms>("embedding.deadline_ms", 1, 60000, "150", "",
                                              "how long routing waits for a request's vector"),
    Row<&PolicyValues::embedding_head>("embedding.head", 0, 0, "logistic", "logistic centroid knn",
                                       "what is trained on the vectors"),
    Row<&PolicyValues::embedding_model>("embedding.model", 0, 0, "", "",
                                        "the encoder's model name on that backend"),
    Row<&PolicyValues::experts_abstain>(
        "experts.abstain", 0, 1, "0", "",
        "no expert is asked when the answer is expected to be right with a lower probability"),
    Row<&PolicyValues::experts_broadcast>(
        "experts.broadcast", 2, 64, "5", "",
        "how many are asked when the lead is below experts.margin"),
    Row<&PolicyValues::experts_caution>(
        "experts.caution", 0, 10, "0", "",
        "another expert replaces the strongest model only if it leads by more than this many "
        "standard deviations of the measurements; applies to one seat without a price weight"),
    Row<&PolicyValues::experts_complementarity>(
        "experts.complementarity", 0, 1, "0.1", "",
        "expected score that an expert loses for each earlier one that fails on the same requests"),
    Row<&PolicyValues::experts_confidence>("experts.confidence", 0, 1, "1", "",
                                           "with experts.max: recruiting stops when the combined "
                                           "answer is right with this probability"),
    Row<&PolicyValues::experts_gain>("experts.gain", 0, 1, "0.01", "",
                                     "with experts.max: the least that every further call must be "
                                     "expected to add to the probability of a right answer"),
    Row<&PolicyValues::experts_margin>(
        "experts.margin", 0, 1, "0", "",
        "experts.broadcast experts are asked when the first leads by less; 0: never"),
    Row<&PolicyValues::experts_max>(
        "experts.max", 0, 64, "0", "",
        "the most experts that are asked; as many as the request needs; 0: always `experts`"),
    Row<&PolicyValues::experts_null>("experts.null", 0, 0, "false", "",
                                     "seats expected to add less than experts.tolerance stay "
                                     "empty; all but one if one cheap or general expert suffices"),
    Row<&PolicyValues::experts_tolerance>(
        "experts.tolerance", 0, 1, "0.01", "",
        "with experts.null: probability of a right answer that fewer calls may cost"),
    Row<&PolicyValues::gate_experts>("gate.experts", 0, 1, "1", "",
                                     "weight of the experts' gates against their profiles"),
    Row<&PolicyValues::judge_agreement>(
        "judge.agreement", 0, 1, "0.6", "",
        "an expert measured to agree less with right answers of the request's category does not "
        "judge there; 0: no such check"),
    Row<&PolicyValues::judge_count>("judge.count", 1, 8, "1", "",
                                    "how many judges assess an answer"),
    Row<&PolicyValues::judge_experts>(
        "judge.experts", 0, 0, "", "",
        "the judges, separated by commas, in order of preference; after them, or if empty, those "
        "expected to do best on the request"),
    Row<&PolicyValues::judge_max_tokens>("judge.max_tokens", 16, 100000, "1024", "",
                                         "the longest judge's reply"),
    Row<&PolicyValues::kinds>(
        "kinds.*", 0, 0, "auto", "auto choice number text json",
        "answers.kind for requests whose most probable skill is the one named"),
    Row<&PolicyValues::knn_experts>(
        "knn.experts", 0, 1, "0", "",
        "weight of the scores on the most similar prompts against the profile"),
    Row<&PolicyValues::knn_k>("knn.k", 1, 1000, "100", "",
                              "how many of the most similar stored prompts vote"),
    Row<&PolicyValues::layers_depth>(
        "layers.depth", 1, 8, "2", "",
        "how many layers of experts answer before the final answer is written"),
    Row<&PolicyValues::layers_review>(
        "layers.review", 0, 0, "false", "",
        "whether the experts first rank each other's anonymised answers"),
    Row<&PolicyValues::limits_calls>("limits.calls", 0, 1000, "0", "",
                                     "the most expert calls for one request; 0: no limit"),
    Row<&PolicyValues::limits_cost_usd>(
        "limits.cost_usd", 0, 1e9, "0", "",
        "the most that all calls for one request may cost in USD; 0: no limit"),
    Row<&PolicyValues::limits_time_ms>(
        "limits.time_ms", 0, 86400000, "0", "",
        "the longest that one request may take, routing included; 0: the server's limit"),
    Row<&PolicyValues::limits_tokens>(
        "limits.tokens", 0, 1e12, "0", "",
        "the most prompt and answer tokens for one request; 0: no limit"),
    Row<&PolicyValues::llm_deadline_ms>("llm.deadline_ms", 1, 600000, "3000", "",
                                        "how long routing waits for keywords"),
    Row<&PolicyValues::llm_expert>("llm.expert", 0, 0, "", "", "the expert that names keywords"),
    Row<&PolicyValues::llm_max_tokens>("llm.max_tokens", 1, 4096, "64", "",
                                       "the longest answer with keywords"),
    Row<&PolicyValues::llm_prior>("llm.prior", 0.01, 100, "1", "",
                                  "weight of the text's own prediction, in sampled answers"),
    Row<&PolicyValues::llm_recur>("llm.recur", 1, 9, "2", "",
                                  "the number of answers that must name a skill for it to count"),
    Row<&PolicyValues::llm_samples>("llm.samples", 1, 9, "3", "",
                                    "how many keyword answers are sampled for one request"),
    Row<&PolicyValues::mapping_budget>(
        "mapping.budget", 0, 1e12, "1e12", "",
        "the highest mean cost of a request under the mapping, in units of mapping.measure"),
    Row<&PolicyValues::mapping_measure>(
        "mapping.measure", 0, 0, "price", "price size latency",
        "what is bounded: price (USD per million tokens), size (billions of active parameters) or "
        "latency (ms until the whole answer has arrived, measured or else declared)"),
    Row<&PolicyValues::mapping_none>(
        "mapping.none", 0, 0, "false", "",
        "whether the mapping may leave skills without an expert to stay within its budget"),
    Row<&PolicyValues::race_hedge>("race.hedge", 0, 1, "0", "",
                                   "the next expert is asked when the previous one has taken "
                                   "longer than this share of its answers; 0: all at once"),
    Row<&PolicyValues::race_hedge_ms>("race.hedge_ms", 1, 600000, "2000", "",
                                      "the same in ms until its answers have been measured"),
    Row<&PolicyValues::refine_drafts>("refine.drafts", 1, 64, "5", "",
                                      "how many drafts are written before the answer"),
    Row<&PolicyValues::refine_temperature>("refine.temperature", 0, 2, "0.7", "",
                                           "sampling temperature of the drafts"),
    Row<&PolicyValues::rules>(
        "rules.*", 0, 0, "", "",
        "keywords and /expressions/ that indicate the skill, separated by commas"),
    Row<&PolicyValues::rules_mode>(
        "rules.mode", 0, 0, "prior", "prior first",
        "prior: a rule raises the odds of its skill; first: a matching rule decides"),
    Row<&PolicyValues::rules_weight>(
        "rules.weight", 0, 10, "2", "",
        "what a matching rule adds to the log-odds of its skill while few prompts have it"),
    Row<&PolicyValues::sampling_temperature>(
        "sampling.temperature", 0.001, 10, "0.05", "",
        "how evenly experts are drawn: high, any of them; low, the strongest"),
    Row<&PolicyValues::session_idle_s>(
        "session.idle_s", 1, 86400, "1800", "",
        "seconds without a request after which a conversation is forgotten"),
    Row<&PolicyValues::session_key>(
        "session.key", 0, 0, "auto", "auto header prefix",
        "what identifies a conversation: the header x-session-id, the conversation's first turns "
        "(prefix), or the header if present and else the turns (auto)"),
    Row<&PolicyValues::session_margin>(
        "session.margin", 0, 1, "0.05", "",
        "the score points by which another expert must lead to take over a conversation"),
    Row<&PolicyValues::session_max_switches>(
        "session.max_switches", 0, 1000, "3", "",
        "how often a conversation changes experts before it stays with one"),
    Row<&PolicyValues::session_sticky>("session.sticky", 0, 0, "false", "",
                                       "whether the expert that answered a conversation keeps it"),
    Row<&PolicyValues::stream_comment_ms>(
        "stream.comment_ms", 0, 600000, "5000", "",
        "how long a stream of one expert's answer may stay silent before comments keep it alive; "
        "until then an error has its own HTTP status; 0: no comments"),
    Row<&PolicyValues::tools_threshold>(
        "tools.threshold", 0, 1, "0.15", "",
        "the least probability of a tool's skill at which the tool is asked before the models"),
    Row<&PolicyValues::tree_depth>("tree.depth", 1, 12, "6", "",
                                   "the most conditions that lead to a region"),
    Row<&PolicyValues::tree_experts>(
        "tree.experts", 0, 1, "0.5", "",
        "weight of an expert's record in the region against its profile"),
    Row<&PolicyValues::tree_rows>("tree.rows", 5, 10000, "40", "",
                                  "the fewest stored prompts in a region"),
    Row<&PolicyValues::vote_at_once>(
        "vote.at_once", 0, 64, "0", "",
        "how many experts are asked at a time; 0: as many as could decide the vote if they agreed"),
    Row<&PolicyValues::vote_confidence>("vote.confidence", 0, 1, "1", "",
                                        "no further expert is asked when the winning answer is "
                                        "right with this probability; 1: only when it cannot lose"),
    Row<&PolicyValues::vote_gain>(
        "vote.gain", 0, 1, "0.004", "",
        "no further expert is asked when every further call is expected to add less to the "
        "probability of a right answer; 0: only when the vote cannot change"),
    Row<&PolicyValues::vote_numbers>(
        "vote.numbers", 0, 0, "plurality", "plurality median mean",
        "how numeric answers are combined: plurality (the one with the most weight), median "
        "(weighted) or mean (the answer nearest to the mean without the outer fifths); for the "
        "last two every expert is asked"),
};
static_assert(std::size(kOptions) == FieldCount<PolicyValues>(), "each value has its row");

// `name` itself, or the longest `stem.*` that it belongs to.
const PolicyOption* Find(std::string_view name) {
  const auto at = std::ranges::lower_bound(kOptions, name, {}, &PolicyOption::name);
  if (at != std::ranges::end(kOptions) && at->name == name) return &*at;
  for (std::size_t end = name.size(); end > 0;) {
    const std::size_t dot = name.rfind('.', end - 1);
    if (dot == name.npos) break;
    end = dot;
    if (dot + 1 == name.size()) continue;
    const std::string any = std::string(name.substr(0, dot)) + ".*";
    const auto stem = std::ranges::lower_bound(kOptions, any, {}, &PolicyOption::name);
    if (stem != std::ranges::end(kOptions) && stem->name == any) return &*stem;
  }
  return nullptr;
}

bool Allowed(const PolicyOption& option, std::string_view value) {
  if (option.type == OptionType::kText) return !value.empty();
  if (option.type == OptionType::kFlag) return value == "true" || value == "false";
  if (option.type == OptionType::kChoice) return IndexOf(option.choices, value).has_value();
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

// What `*` stands for in a name that is matched by a row "stem.*".
std::string_view RestOf(const PolicyOption& option, std::string_view name) {
  return option.name.ends_with('*') ? name.substr(option.name.size() - 1) : std::string_view();
}

std::shared_ptr<const PolicyValues> Defaults() {
  static const auto kDefaults = [] {
    auto values = std::make_shared<PolicyValues>();
    for (const PolicyOption& option : kOptions) {
      if (option.name.ends_with('*')) continue;
      option.assign(option, {}, option.fallback, values.get());
    }
    return std::shared_ptr<const PolicyValues>(std::move(values));
  }();
  return kDefaults;
}

// The default stays where the table does not allow what is set.
void Put(std::string_view name, std::string_view value, PolicyValues* values) {
  const PolicyOption* option = Find(name);
  if (option == nullptr || !Allowed(*option, value)) return;
  option->assign(*option, RestOf(*option, name), value, values);
}

}  // namespace

std::span<const PolicyOption> PolicyOptionTable() { return kOptions; }

Status CheckOption(std::string_view name, std::string_view value) {
  const std::string param = "options." + std::string(name);
  const PolicyOption* option = Find(name);
  if (option == nullptr) {
    std::vector<std::string> known;
    for (const PolicyOption& each : kOptions) known.emplace_back(each.name);
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

PolicyOptions::PolicyOptions() : values_(Defaults()) {}

PolicyOptions::PolicyOptions(Words words) : words_(std::move(words)), values_(Defaults()) {
  if (words_.empty()) return;
  auto values = std::make_shared<PolicyValues>(*values_);
  for (const auto& [name, value] : words_) Put(name, value, values.get());
  values_ = std::move(values);
}

void PolicyOptions::Set(const std::string& name, std::string value) {
  words_[name] = std::move(value);
  *this = PolicyOptions(std::move(words_));
}

}  // namespace moerge
