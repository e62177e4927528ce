// Fills a store as large as the dashboard has to bear: decisions of a week, experts, skills,
// policies and evidence, through the store's own code. tests/browser/big_store.mjs measures pages
// on it.
//
//   bench_big_store STORE.db [DECISIONS] [EXPERTS] [SKILLS]      1,000,000, 10,000 and 1,000
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "config/base/ordered_id.h"
#include "config/base/random.h"
#include "registry/decision_log.h"
#include "registry/decision_queue.h"
#include "registry/store.h"
#include "tests/bench/registry/common/or_fail.h"

namespace moerge {
namespace {

constexpr int kBackends = 20;
constexpr int kPolicies = 50;
constexpr int kSkillsOfExpert = 10;
constexpr int kWeekMs = 7 * 24 * 3'600'000;

struct Size {
  int decisions = 1'000'000;
  int experts = 10'000;
  int skills = 1'000;
};

std::string Numbered(const char* name, int number) { return name + std::to_string(number); }
std::string BackendName(int i) { return Numbered("gpu-", i); }
std::string ExpertName(int i) { return Numbered("organisation/model-", i); }
std::string SkillName(int i) { return Numbered("skill-", i); }

StoreChange Entries(const Size& size) {
  StoreChange change;
  for (int i = 0; i < kBackends; ++i) {
    Backend& backend = change.put_backends.emplace_back();
    backend.name = BackendName(i);
    backend.base_url = "http://127.0.0.1:9/v1";
  }
  for (int i = 0; i < size.skills; ++i) {
    Skill& skill = change.put_skills.emplace_back();
    skill.name = SkillName(i);
    skill.category = Numbered("category ", i % 25);
    skill.description = "What is asked of number " + std::to_string(i);
    for (int j = 0; j < 10; ++j) {
      skill.examples.push_back("A question about subject" + std::to_string(i) + " and detail" +
                               std::to_string(j) + ", as people ask it");
    }
  }
  for (int i = 0; i < size.experts; ++i) {
    Expert& expert = change.put_experts.emplace_back();
    expert.name = ExpertName(i);
    expert.backend = BackendName(i % kBackends);
    expert.model = Numbered("model-", i);
    expert.description = "A model of about seven billion parameters, adapted to one subject.";
    expert.context = 32'768;
    expert.price.input = 0.1 + 0.01 * (i % 50);
    expert.price.output = 3 * expert.price.input;
    expert.skills = {{"general", 0.4}, {SkillName(i % size.skills), 0.9}};
    expert.tags = {Numbered("team-", i % 30)};
  }
  for (int i = 0; i < kPolicies; ++i) {
    Policy& policy = change.put_policies.emplace_back();
    policy.name = Numbered("policy-", i);
    policy.description = "One of many.";
  }
  return change;
}

// Applied in parts, since a change is one transaction.
void PutEvidence(Store& store, const Size& size, std::uint64_t revision, Random* random) {
  StoreChange change;
  for (int i = 0; i < size.experts; ++i) {
    for (int j = 0; j < kSkillsOfExpert; ++j) {
      const auto trials = static_cast<double>(1 + random->Below(100));
      const auto wins = static_cast<int>(trials * random->Uniform());
      const int skill = (i + j * 97) % size.skills;
      change.put_evidence.push_back(
          {ExpertName(i), SkillName(skill), static_cast<double>(wins), trials, "import:table", {}});
    }
    if (i % 1000 == 999 || i == size.experts - 1) {
      revision = OrFail(store.registry().Apply(std::exchange(change, {}), revision));
    }
  }
}

// As long as a decision among five experts.
std::string DecisionJson(const DecisionRecord& record) {
  std::string candidates;
  for (int i = 0; i < 5; ++i) {
    candidates += std::string(i == 0 ? "" : ",") + R"({"expert":")" +
                  (i == 0 ? record.expert : ExpertName(i)) +
                  R"(","expected":0.6035,"low":0.4279,"high":0.7791,"price":0.25,)"
                  R"("utility":0.6035,"excluded":null})";
  }
  return R"({"id":")" + record.id +
         R"(","object":"moerge.decision","time":)"
         R"("2026-01-31T12:00:00.000Z","request_id":")" +
         record.request_id + R"(","revision":7,"model":"auto","policy":")" + record.policy +
         R"(","stream":false,"outcome":"ok","expert":")" + record.expert +
         R"(","error":null,"signals":null,"demand":{"classifier":"lexical","confidence":0.8,)"
         R"("bytes_read":102,"bytes_total":102,"skills":[{"skill":")" +
         record.skill + R"(","probability":0.8}],"notes":[]},"considered":7,"candidates":[)" +
         candidates + R"(],"roster":[{"expert":")" + record.expert +
         R"(","weight":1}],"fallbacks":[],)"
         R"("reasons":["expected 0.80 (0.66-0.94), 0.20 above the next"],"attempts":[],)"
         R"("timings":null,"usage":null,"cost_usd":0.0012,"request":{"user":")" +
         std::string(300, 'x') + R"(","system":"","truncated":false}})";
}

// Experts, skills and keys of which a few are asked much and most now and then.
DecisionRecord Record(int number, const Size& size, Random* random, WallTime end) {
  const auto often = [&](int of) {
    const auto bound = static_cast<std::uint64_t>(of);
    return static_cast<int>(
        std::min({random->Below(bound), random->Below(bound), random->Below(bound)}));
  };
  DecisionRecord record;
  const double share = static_cast<double>(size.decisions - number) / size.decisions;
  record.time = end - std::chrono::milliseconds(static_cast<std::int64_t>(share * kWeekMs));
  record.id = OrderedId(record.time);
  record.request_id = Numbered("request-", number);
  record.policy = random->Below(10) == 0 ? Numbered("policy-", often(kPolicies)) : "auto";
  record.expert = ExpertName(often(size.experts));
  record.skill = SkillName(often(size.skills));
  record.outcome = random->Below(100) == 0 ? "error" : "ok";
  record.status = record.outcome == "ok" ? 200 : 502;
  record.client = Numbered("key-", often(20));
  record.prompt_tokens = 120;
  record.completion_tokens = 300;
  record.cost_usd = 0.0012;
  record.latency_ms = 200 + static_cast<double>(random->Below(2000));
  record.calls = 1;
  record.json = DecisionJson(record);
  return record;
}

void PutDecisions(Store& store, const Size& size, Random* random) {
  const WallTime end = std::chrono::system_clock::now();
  std::vector<DecisionRecord> group;
  for (int i = 0; i < size.decisions; ++i) {
    group.push_back(Record(i, size, random, end));
    if (group.size() < DecisionQueue::kGroup && i + 1 < size.decisions) continue;
    OrFail(store.decisions().Add(group));
    group.clear();
  }
}

int Main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_big_store STORE.db [DECISIONS] [EXPERTS] [SKILLS]\n");
    return 2;
  }
  Size size;
  if (argc > 2) size.decisions = std::atoi(argv[2]);
  if (argc > 3) size.experts = std::atoi(argv[3]);
  if (argc > 4) size.skills = std::max(std::atoi(argv[4]), 1);
  auto store = OrFail(OpenStore("sqlite:" + std::string(argv[1])));
  Random random(1);
  const std::uint64_t revision = OrFail(store->registry().Apply(Entries(size), 0));
  PutEvidence(*store, size, revision, &random);
  PutDecisions(*store, size, &random);
  std::printf("%d decisions, %d experts, %d skills\n", size.decisions, size.experts, size.skills);
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) { return moerge::Main(argc, argv); }
