// How long a routing decision takes: prompts of 100 words, 10 to 10,000 experts, up to 1,000
// skills. Prints p50, p99 and decisions per second on one core. The classifier is the shipped
// lexical one, or one trained on made-up words where there are 1,000 skills.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "config/base/random.h"
#include "config/config.h"
#include "registry/registry.h"
#include "router/classify/lexical.h"
#include "router/policy_router.h"

namespace moerge {
namespace {

double Microseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

std::string Word(Random* random) {
  std::string word;
  for (std::uint64_t i = 3 + random->Below(6); i > 0; --i) {
    word += static_cast<char>('a' + random->Below(26));
  }
  return word;
}

std::vector<Skill> ManySkills(std::size_t count) {
  Random random(1);
  std::vector<Skill> skills(count);
  for (std::size_t i = 0; i < count; ++i) {
    skills[i].name = "skill" + std::to_string(i);
    std::vector<std::string> words;
    for (int w = 0; w < 12; ++w) words.push_back(Word(&random));
    for (int e = 0; e < 8; ++e) {
      std::string example;
      for (int w = 0; w < 10; ++w) example += words[random.Below(words.size())] + " ";
      skills[i].examples.push_back(example);
    }
  }
  return skills;
}

// 100 words drawn from the skills' own examples, so that they are known to the classifier.
std::vector<std::string> Prompts(const std::vector<Skill>& skills) {
  Random random(2);
  std::vector<std::string> prompts;
  for (int i = 0; i < 200; ++i) {
    const Skill& skill = skills[random.Below(skills.size())];
    std::string prompt;
    for (long words = 0; words < 100; words = std::count(prompt.begin(), prompt.end(), ' ')) {
      prompt += skill.examples[random.Below(skill.examples.size())] + " ";
    }
    prompts.push_back(std::move(prompt));
  }
  return prompts;
}

SnapshotPtr MakeSnapshot(const std::vector<Skill>& skills, std::size_t experts) {
  Random random(3);
  StoredState stored;
  Backend backend;
  backend.name = "local";
  backend.base_url = "http://127.0.0.1:1/v1";
  stored.backends = {backend};
  stored.skills = skills;
  std::vector<Evidence> evidence;
  for (std::size_t i = 0; i < experts; ++i) {
    Expert expert;
    expert.name = "expert" + std::to_string(i);
    expert.backend = "local";
    expert.model = expert.name;
    expert.skills["general"] = random.Uniform();
    stored.experts.push_back(expert);
    for (std::size_t s = 0; s < std::min<std::size_t>(skills.size(), 20); ++s) {
      const Skill& skill = skills[random.Below(skills.size())];
      evidence.push_back({expert.name, skill.name, 25 * random.Uniform(), 25, "bench", {}});
    }
  }
  stored.evidence.Put(evidence);
  Result<SnapshotPtr> snapshot = BuildSnapshot({}, stored);
  return snapshot.ok() ? *snapshot : nullptr;
}

void Report(const char* what, std::size_t experts, std::size_t skills, std::vector<double> times) {
  double sum = 0;
  for (const double time : times) sum += time;
  std::sort(times.begin(), times.end());
  std::printf("%-10s %6zu experts %5zu skills  p50 %8.1f us  p99 %8.1f us  %9.0f per second\n",
              what, experts, skills, times[times.size() / 2], times[times.size() * 99 / 100],
              1e6 * static_cast<double>(times.size()) / sum);
}

void Measure(const PolicyRouter& router, const std::vector<std::string>& prompts) {
  std::vector<double> whole;
  std::vector<double> classify;
  const std::size_t rounds = router.snapshot()->experts.size() > 5000 ? 10 : 50;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const std::string& prompt : prompts) {
      RouteRequest request;
      request.text.user = prompt;
      const auto start = std::chrono::steady_clock::now();
      const Decision decision = router.Route(request, {}, nullptr);
      if (round == 0) continue;
      whole.push_back(Microseconds(std::chrono::steady_clock::now() - start));
      classify.push_back(decision.classify_us);
    }
  }
  const auto& snapshot = *router.snapshot();
  Report("classify", snapshot.experts.size(), snapshot.skills.size(), classify);
  Report("decide", snapshot.experts.size(), snapshot.skills.size(), whole);
}

void Run(const std::vector<Skill>& skills) {
  TrainingSetBuilder builder;
  for (const Skill& skill : skills) builder.AddSkill(skill);
  auto start = std::chrono::steady_clock::now();
  auto trained = std::make_shared<Trained>();
  const auto lexical = LexicalClassifier::Train(builder.Build());
  std::printf("%zu skills: trained in %.2f s, %.1f MB\n", skills.size(),
              Microseconds(std::chrono::steady_clock::now() - start) / 1e6,
              static_cast<double>(lexical->resident_bytes()) / 1e6);
  trained->classifiers.emplace("lexical", lexical);
  const auto prompts = Prompts(skills);
  for (const std::size_t experts : {10, 100, 1000, 10'000}) {
    const SnapshotPtr snapshot = MakeSnapshot(skills, experts);
    start = std::chrono::steady_clock::now();
    auto expert_table = std::make_shared<const ExpertTable>(snapshot);
    const PolicyRouter router(std::move(expert_table), trained);
    const double built = Microseconds(std::chrono::steady_clock::now() - start);
    std::printf("router built in %.1f ms\n", built / 1e3);
    Measure(router, prompts);
  }
}

}  // namespace
}  // namespace moerge

int main() {
  moerge::Run(moerge::ShippedSkills());
  moerge::Run(moerge::ManySkills(1000));
}
