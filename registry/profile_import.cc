#include "registry/profile_import.h"

#include <map>
#include <set>
#include <tuple>

#include "config/validate.h"
#include "registry/evidence.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxWarnings = 20;

Skill NewSkill(const std::string& category) {
  Skill skill;
  skill.name = category;
  skill.category = category;
  skill.origin = Origin::kStore;
  return skill;
}

// Decides once per category whether it is a skill, a new one, or nothing.
class Categories {
 public:
  explicit Categories(const Snapshot& snapshot) : snapshot_(snapshot) {}

  // False: not usable; `warnings` says so the first time.
  bool Take(const TableRow& row, ProfileImport* import) {
    const auto [at, fresh] = usable_.try_emplace(row.category, true);
    if (!fresh || row.category.empty() || row.category == kGeneralSkill) return at->second;
    if (snapshot_.FindSkill(row.category) != nullptr) return true;
    const Skill skill = NewSkill(row.category);
    if (const Status sound = Validate(skill); !sound.ok()) {
      Warn(row, sound.error().message, &import->report);
      return at->second = false;
    }
    import->change.put_skills.push_back(skill);
    return true;
  }

 private:
  static void Warn(const TableRow& row, const std::string& why, ProfileReport* report) {
    if (report->warnings.size() >= kMaxWarnings) return;
    report->warnings.push_back("line " + std::to_string(row.line) + ": the category `" +
                               row.category +
                               "` cannot name a skill, its rows were left out: " + why);
  }

  const Snapshot& snapshot_;
  std::map<std::string, bool> usable_;
};

double MeanOf(const Evidence& evidence) { return evidence.wins / evidence.trials; }

bool Better(const Evidence& a, const Evidence& b) {
  if (MeanOf(a) != MeanOf(b)) return MeanOf(a) > MeanOf(b);
  return std::tie(b.trials, a.expert) < std::tie(a.trials, b.expert);
}

SkillSummary Summarise(const std::string& skill, const std::vector<const Evidence*>& evidence) {
  SkillSummary summary;
  summary.skill = skill;
  const Evidence* best = nullptr;
  double wins = 0;
  double trials = 0;
  for (const Evidence* one : evidence) {
    wins += one->wins;
    trials += one->trials;
    if (best == nullptr || Better(*one, *best)) best = one;
  }
  summary.trials = static_cast<std::size_t>(trials);
  summary.mean = wins / trials;
  summary.best_expert = best->expert;
  summary.best_mean = MeanOf(*best);
  return summary;
}

std::map<std::string, std::size_t> RowsBySkill(const std::vector<Observation>& observations) {
  std::map<std::string, std::size_t> rows;
  for (const Observation& one : observations) {
    ++rows[one.skill.empty() ? std::string(kGeneralSkill) : one.skill];
  }
  return rows;
}

void ReportSkills(const StoreChange& change, ProfileReport* report) {
  std::map<std::string, std::vector<const Evidence*>> by_skill;
  for (const Evidence& one : change.put_evidence) {
    if (one.trials > 0) by_skill[one.skill].push_back(&one);
  }
  std::set<std::string> created;
  for (const Skill& skill : change.put_skills) created.insert(skill.name);
  const auto rows = RowsBySkill(change.add_observations);
  for (const auto& [skill, evidence] : by_skill) {
    SkillSummary summary = Summarise(skill, evidence);
    const auto counted = rows.find(skill);
    summary.rows = counted == rows.end() ? 0 : counted->second;
    summary.created = created.contains(skill);
    report->skills.push_back(std::move(summary));
  }
  report->new_skills.assign(created.begin(), created.end());
}

void ReportExperts(const StoreChange& change, const Snapshot& snapshot, ProfileReport* report) {
  std::set<std::string> experts;
  for (const Evidence& one : change.put_evidence) experts.insert(one.expert);
  for (const std::string& expert : experts) {
    const bool known = snapshot.FindExpert(expert) != nullptr;
    (known ? report->known_experts : report->unknown_experts).push_back(expert);
  }
}

}  // namespace

ProfileImport ImportProfile(const std::vector<TableRow>& rows, const Snapshot& snapshot,
                            const std::string& source, WallTime now) {
  ProfileImport import;
  StoreChange& change = import.change;
  change.forget_sources = {source};
  Categories categories(snapshot);
  for (const TableRow& row : rows) {
    if (!categories.Take(row, &import)) continue;
    change.add_observations.push_back({row.id, row.prompt, row.category, source, row.scores});
  }
  change.put_evidence = SummariseObservations(change.add_observations);
  for (Evidence& evidence : change.put_evidence) evidence.updated = now;
  import.report.source = source;
  import.report.rows = change.add_observations.size();
  Describe(change, snapshot, &import.report);
  return import;
}

void Describe(const StoreChange& change, const Snapshot& snapshot, ProfileReport* report) {
  ReportSkills(change, report);
  ReportExperts(change, snapshot, report);
  if (report->known_experts.empty() && !report->unknown_experts.empty()) {
    report->warnings.push_back(
        "none of the experts that were measured is registered: what they did is kept and counts as "
        "soon as experts of these names are added");
  }
}

std::string ImportSource(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  return "import:" + std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

}  // namespace moerge
