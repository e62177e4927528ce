#include "tests/integration/aggregate_cast.h"

#include <algorithm>

#include "services/answers/author_prompt.h"
#include "services/answers/judge_prompt.h"
#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

struct Player {
  std::string_view name;
  int price;  // of the prompt's tokens; others cost twice as much
  const char* score;
};
constexpr Player kPlayers[] = {
    {"a", 1, "0.60"}, {"b", 2, "0.59"}, {"c", 3, "0.58"}, {"w", 100, "0.3"}, {"j", 50, "0.2"}};

// The letter of the quoted answer that holds `text`; "?": none does.
std::string LabelOf(const std::string& body, std::string_view text) {
  for (const char* label : {"A", "B", "C", "D", "E"}) {
    const std::size_t begin = body.find("begin " + std::string(label) + " (");
    const std::size_t end = body.find("end " + std::string(label) + " (");
    if (begin == body.npos || end == body.npos) continue;
    if (body.substr(begin, end - begin).find(text) != body.npos) return label;
  }
  return "?";
}

std::string Judgement(const AskedOf& asked) {
  if (asked.body.find("SCORE: N") != asked.body.npos) {
    return LabelOf(asked.body, "(B)") == "A" ? "SCORE: 90" : "SCORE: 10";
  }
  if (asked.body.find("RANKING: X") != asked.body.npos) {
    const std::string merged = LabelOf(asked.body, "Merged");
    return "RANKING: " + (merged == "?" ? LabelOf(asked.body, "(B)") : merged);
  }
  return "VERDICT: " + LabelOf(asked.body, "(B)");
}

std::string_view RoleOf(const std::string& body) {
  const auto says = [&body](std::string_view instructions) {
    return body.find(instructions.substr(0, 40)) != body.npos;
  };
  if (says(ScoreInstructions()) || says(VerdictInstructions()) || says(RankingInstructions())) {
    return "verdict";
  }
  if (says(PanelInstructions())) return "viewpoints";
  if (says(RebuttalInstructions())) return "rebuttal";
  if (says(LayerInstructions())) return "layer";
  const bool writes = says(SynthesisInstructions(false)) || says(RefinementInstructions()) ||
                      says(ConsultInstructions({}));
  return writes ? "write" : "answer";
}

std::string EventOf(const std::string& choices, const std::string& more) {
  return R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[)" +
         choices + "]" + more + "}\n\n";
}

// As an expert streams it, its usage in the last event.
std::string StreamedCompletion(std::string_view content, int prompt_tokens, int completion_tokens) {
  std::string text;
  json::AppendQuoted(content, &text);
  const std::string usage = R"(,"usage":{"prompt_tokens":)" + std::to_string(prompt_tokens) +
                            R"(,"completion_tokens":)" + std::to_string(completion_tokens) +
                            R"(,"total_tokens":)" +
                            std::to_string(prompt_tokens + completion_tokens) + "}";
  const std::string spoken =
      R"({"index":0,"delta":{"role":"assistant","content":)" + text + R"(},"finish_reason":null})";
  const std::string stopped = R"({"index":0,"delta":{},"finish_reason":"stop"})";
  return OkReply(
      EventOf(spoken, "") + EventOf(stopped, "") + EventOf("", usage) + "data: [DONE]\n\n",
      "text/event-stream");
}

}  // namespace

std::string Sorted(std::vector<std::string> words) {
  std::ranges::sort(words);
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

Cast::Cast() : model_([this](const std::string& request) { return Play(request); }) { Rehearse(); }

void Cast::Says(const std::string& expert, std::string_view role, const std::string& text) {
  Set(expert, role, {.words = [text](const AskedOf&) { return text; }});
}

void Cast::Sends(const std::string& expert, std::string_view role, const std::string& raw) {
  Set(expert, role, {.raw = raw});
}

void Cast::Hangs(const std::string& expert, std::string_view role) {
  Set(expert, role, {.hangs = true});
}

void Cast::Rehearse() {
  {
    const std::lock_guard lock(mutex_);
    lines_.clear();
    asked_.clear();
    ++take_;
    totals_ = {};
  }
  Says("a", "", "I say: the answer is (A).");
  Says("b", "", "I say: the answer is (B).");
  Says("c", "", "I say: the answer is (C).");
  Says("w", "", "Of all: (B).");
  Says("w", "viewpoints", R"({"agreed":["it is odd"],"answer":"Merged: (B)."})");
  Set("j", "", {.words = Judgement});
}

std::string Cast::Prompt() const {
  return "Take " + std::to_string(take_) + ". Which is a prime?\nA. 4\nB. 7\nC. 9";
}

std::vector<AskedOf> Cast::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

Cast::Totals Cast::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

std::string Cast::AskedFor() const {
  std::vector<std::string> all;
  for (const AskedOf& each : asked()) all.push_back(each.expert + ":" + std::string(each.role));
  return Sorted(std::move(all));
}

std::string Cast::BodyFor(std::string_view role) const {
  std::string body;
  for (const AskedOf& each : asked()) {
    if (each.role == role) body = each.body;
  }
  return body;
}

std::string Cast::Config(const std::string& policies, const std::string& store) const {
  std::string yaml = "store: " + store + "\ntools: off\nbackends:\n";
  // One of each, so that who fails is no reason not to ask others.
  for (const Player& player : kPlayers) {
    yaml += "  - {name: " + std::string(player.name) + ", base_url: \"" + model_.Url() +
            "\", retries: 0}\n";
  }
  yaml += "experts:\n";
  for (const Player& player : kPlayers) {
    const std::string name(player.name);
    yaml += "  - {name: " + name + ", backend: " + name + ", model: " + name +
            ", price: {input: " + std::to_string(player.price) +
            ", output: " + std::to_string(2 * player.price) +
            "}, skills: {general: " + player.score + "}}\n";
  }
  return yaml + policies + kSmallSkills;
}

void Cast::Set(const std::string& expert, std::string_view role, Line line) {
  const std::lock_guard lock(mutex_);
  const std::string prefix = expert + ":";
  const auto of_expert = [&prefix](const auto& known) { return known.first.starts_with(prefix); };
  if (role.empty()) std::erase_if(lines_, of_expert);
  lines_[prefix + std::string(role)] = std::move(line);
}

std::optional<std::string> Cast::Play(const std::string& request) {
  AskedOf asked{.expert = {}, .role = {}, .body = BodyIn(request)};
  asked.expert = JsonAt(asked.body, "model");
  asked.role = RoleOf(asked.body);
  const std::lock_guard lock(mutex_);
  const std::string take = "Take " + std::to_string(take_) + ". ";
  if (asked.body.find(take) == asked.body.npos) return std::nullopt;
  const auto own = lines_.find(asked.expert + ":" + std::string(asked.role));
  const Line line = own == lines_.end() ? lines_[asked.expert + ":"] : own->second;
  asked_.push_back(asked);
  if (line.hangs) return std::nullopt;
  if (!line.raw.empty()) return line.raw;
  return Speak(asked, line.words(asked));
}

std::string Cast::Speak(const AskedOf& asked, const std::string& text) {
  const Player& player = *std::ranges::find(kPlayers, asked.expert, &Player::name);
  const int prompt = 10 + player.price;
  const int completion = 1 + static_cast<int>(text.size());
  totals_.prompt_tokens += prompt;
  totals_.completion_tokens += completion;
  totals_.cost_usd += player.price * (prompt + 2.0 * completion) / 1e6;
  if (JsonAt(asked.body, "stream") == "true") return StreamedCompletion(text, prompt, completion);
  return Completion(text, prompt, completion);
}

}  // namespace moerge::test
