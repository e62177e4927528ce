#include "services/signals/keyword_signal.h"

#include <map>

#include "config/base/task_group.h"
#include "router/classify/keywords.h"
#include "services/signals/routing_prompt.h"

namespace moerge {
namespace {

// Beyond this many skills the most probable ones are listed to the model.
constexpr std::size_t kListed = 120;
// Answers that differ are the point of asking more than once.
constexpr double kTemperature = 0.7;

std::vector<std::string> ListedSkills(const SignalTask& task) {
  const Snapshot& snapshot = *task.router.snapshot();
  std::vector<std::string> names;
  if (snapshot.skills.size() <= kListed) {
    for (const SkillEntry& skill : snapshot.skills) names.push_back(skill.spec.name);
    return names;
  }
  const Decision preview = task.router.Route(task.request.route, Policy{}, &task.health);
  for (const SkillProbability& part : preview.demand.skills) names.emplace_back(NameOf(part.skill));
  return names;
}

CacheKey KeyOf(const SignalTask& task) {
  const RequestText& text = task.request.route.text;
  std::string options;
  for (const auto& [name, value] : task.policy.options) {
    if (name.starts_with("llm.")) options.append(name).append("=").append(value).append("\n");
  }
  return CacheKeyOf({task.request.origin->client, options, text.system, text.user,
                     std::to_string(task.router.snapshot()->revision)});
}

// What a running call fills in; as old as its gathering.
struct Sample {
  SignalCall note;
  std::vector<std::string> keywords;
};

Task<void> Ask(SignalCaller& caller, const ExpertCall& call, const SignalCaller::Site& site,
               Sample* sample) {
  Result<ChatReply> reply = co_await caller.Chat(call, site, &sample->note);
  if (!reply) co_return;
  sample->keywords = ParseKeywords(reply->content);
  if (!sample->keywords.empty()) co_return;
  sample->note.outcome = SignalOutcome::kFailed;
  sample->note.error = "the answer holds no keywords";
}

KeywordSignal Count(const std::vector<Sample>& samples) {
  KeywordSignal signal;
  std::map<std::string, int> counts;
  for (const Sample& sample : samples) {
    if (sample.note.outcome != SignalOutcome::kOk) continue;
    ++signal.answers;
    for (const std::string& keyword : sample.keywords) ++counts[keyword];
  }
  for (auto& [text, count] : counts) signal.keywords.push_back({text, count});
  return signal;
}

const ExpertEntry* FindAsked(const SignalTask& task, Signals* signals) {
  const std::string name = task.policy.options->llm_expert;
  const ExpertEntry* expert = task.router.snapshot()->FindExpert(name);
  if (expert != nullptr && expert->backend != nullptr && expert->spec.enabled) return expert;
  signals->notes.push_back("llm: there is no model `" + name + "` that can be asked for keywords");
  return nullptr;
}

}  // namespace

Task<void> GatherKeywords(const SignalTask& task, const SignalTools& tools, Signals* signals) {
  const ExpertEntry* expert = FindAsked(task, signals);
  if (expert == nullptr) co_return;
  const CacheKey key = KeyOf(task);
  if (auto known = tools.shared.keywords.Find(key)) {
    signals->keywords = std::move(known);
    signals->calls.push_back(SignalCall{
        .kind = "keywords", .target = expert->spec.name, .outcome = SignalOutcome::kCached});
    co_return;
  }
  const std::string instructions = KeywordInstructions(ListedSkills(task));
  const RoutingQuestion question{.instructions = instructions,
                                 .text = task.request.route.text,
                                 .max_tokens = task.policy.options->llm_max_tokens,
                                 .temperature = kTemperature};
  auto body = ChatBody::Parse(RoutingBody(question));
  if (!body) co_return;
  const ExpertCall call = task.CallOf(*body, Share(task.router.snapshot(), *expert),
                                      task.Within(task.policy.options->llm_deadline_ms).deadline);
  const SignalCaller::Site site{task.ledger, task.scope.cancellation};
  std::vector<Sample> samples(static_cast<std::size_t>(task.policy.options->llm_samples));
  const Executor loop = co_await ThisLoop();
  TaskGroup group(loop);
  for (Sample& sample : samples) {
    sample.note.kind = "keywords";
    sample.note.target = expert->spec.name;
    group.Start("keywords", Ask(tools.caller, call, site, &sample));
  }
  co_await group.Join();
  KeywordSignal signal = Count(samples);
  // What came in part is asked for again next time.
  const bool whole = signal.answers == static_cast<int>(samples.size());
  if (whole) tools.shared.keywords.Put(key, signal);
  for (Sample& sample : samples) {
    if (!whole && !sample.note.error.empty() && signals->notes.empty()) {
      signals->notes.push_back("llm: " + sample.note.error);
    }
    signals->calls.push_back(std::move(sample.note));
  }
  signals->keywords = std::move(signal);
}

}  // namespace moerge
