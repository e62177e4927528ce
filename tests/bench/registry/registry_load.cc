// How long a large registry takes to load. Prints, asserts nothing.
//
//   bench_registry_load [FOLDER]     FOLDER: where the databases are made; default: the temporary
//   one
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "config/base/random.h"
#include "registry/registry.h"
#include "tests/bench/registry/common/or_fail.h"

namespace moerge {
namespace {

constexpr int kExperts = 10'000;
constexpr int kSkills = 1'000;

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double ResidentMegabytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

std::string ExpertName(int i) { return "organisation/model-number-" + std::to_string(i); }
std::string SkillName(int i) { return "a skill with a longer name " + std::to_string(i); }

StoreChange Entries() {
  StoreChange change;
  change.put_backends.emplace_back();
  change.put_backends[0].name = "gpu";
  change.put_backends[0].base_url = "http://127.0.0.1:8000/v1";
  for (int i = 0; i < kSkills; ++i) {
    Skill& skill = change.put_skills.emplace_back();
    skill.name = SkillName(i);
    skill.examples =
        std::vector<std::string>(30, "an example of about fifty characters, as people ask");
  }
  for (int i = 0; i < kExperts; ++i) {
    Expert& expert = change.put_experts.emplace_back();
    expert.name = ExpertName(i);
    expert.backend = "gpu";
    expert.model = "model";
    expert.skills = {{"general", 0.5}, {SkillName(i % kSkills), 0.9}};
  }
  return change;
}

// `per_expert` cells for each expert; `fractions`: wins that are not whole take more bytes.
void Fill(const std::string& url, int per_expert, bool fractions) {
  auto store = OrFail(OpenStore(url));
  std::uint64_t revision = OrFail(store->registry().Apply(Entries(), 0));
  Random random(1);
  StoreChange change;
  for (int i = 0; i < kExperts; ++i) {
    for (int j = 0; j < per_expert; ++j) {
      const int skill = per_expert == kSkills ? j : static_cast<int>(random.Below(kSkills));
      const double trials = 1 + static_cast<double>(random.Below(100));
      const double wins = trials * random.Uniform();
      change.put_evidence.push_back({ExpertName(i),
                                     SkillName(skill),
                                     fractions ? wins : static_cast<int>(wins),
                                     trials,
                                     "import:bench",
                                     {}});
    }
    if (i % 1000 == 999)
      revision = OrFail(store->registry().Apply(std::exchange(change, {}), revision));
  }
}

// Runs in a process of its own, so that its memory is its own.
void Apart(const std::function<void()>& run) {
  std::fflush(stdout);
  if (::fork() == 0) {
    run();
    std::fflush(stdout);
    ::_exit(0);
  }
  ::wait(nullptr);
}

void Load(const std::string& name, const std::string& path) {
  const double before = ResidentMegabytes();
  Metrics metrics;
  auto start = Clock::now();
  StoreThread store(OrFail(OpenStore("sqlite:" + path)), metrics);
  Registry registry(store);
  OrFail(registry.Start({}));
  const double load = SecondsSince(start);
  const double memory = ResidentMegabytes() - before;
  std::size_t cells = 0;
  for (const ExpertEntry& expert : registry.Current()->experts) cells += expert.record.size();
  start = Clock::now();
  OrFail(registry.ChangeAndWait({}));
  std::printf(
      "%-10s %5zu experts %5zu skills %9zu cells: load %.3f s, +%.0f MB, file %.0f MB; "
      "a change %.3f s\n",
      name.c_str(), registry.Current()->experts.size(), registry.Current()->skills.size(), cells,
      load, memory, static_cast<double>(std::filesystem::file_size(path)) / 1e6,
      SecondsSince(start));
}

void MeasureLoad(const std::string& name, const std::string& folder, int per_expert,
                 bool fractions) {
  const std::string path = folder + "/" + name + ".db";
  Apart([&] { Fill("sqlite:" + path, per_expert, fractions); });
  Apart([&] { Load(name, path); });
}

void Main(const std::string& parent) {
  std::string folder = parent + "/moerge-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    Fail({ErrorCode::kInternal, "cannot make a folder in " + parent});
  }
  MeasureLoad("sparse", folder, 20, false);
  MeasureLoad("full", folder, kSkills, false);
  MeasureLoad("fractions", folder, kSkills, true);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  moerge::Main(argc > 1 ? argv[1] : std::filesystem::temp_directory_path().string());
  return 0;
}
