#include "registry/change_audit.h"

#include <map>
#include <string>
#include <utility>

#include "config/base/hash.h"
#include "config/base/json.h"
#include "registry/entity_json.h"
#include "registry/kinds.h"

namespace moerge {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::size_t kLongest = 64 << 10;  // of one side of a record

const Backend& SpecIn(const Backend& entry) { return entry; }
const Expert& SpecIn(const ExpertEntry& entry) { return entry.spec; }
const Skill& SpecIn(const SkillEntry& entry) { return entry.spec; }
const Policy& SpecIn(const Policy& entry) { return entry; }
const ApiKey& SpecIn(const ApiKey& entry) { return entry; }

template <class T>
const T& Masked(const T& entity) {
  return entity;
}
Backend Masked(Backend backend) {
  for (auto* values : {&backend.headers, &backend.query, &backend.residency.environment}) {
    for (auto& [name, value] : *values) {
      if (value.find("${") == value.npos) value = kMask;
    }
  }
  return backend;
}
ApiKey Masked(ApiKey key) {
  key.sha256 = kMask;
  return key;
}

// What is too long to be kept twice at each change is kept as its size and hash.
std::string Kept(std::string json) {
  if (json.size() <= kLongest) return json;
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("bytes", json.size()).Field("sha256", Sha256Hex(json)).EndObject();
  return out;
}

// With its origin: what is built in or the file's cannot be brought back by the store.
template <class T>
std::string Side(const T* entity) {
  if (entity == nullptr) return {};
  std::string json = ToJson(Masked(*entity));
  json.pop_back();
  json.append(",\"origin\":\"").append(OriginName(entity->origin)).append("\"}");
  return Kept(std::move(json));
}

template <class T>
std::string AfterSide(const T*, const T* after) {
  return Side(after);
}
// A rotated key differs in nothing that is shown.
std::string AfterSide(const ApiKey* before, const ApiKey* after) {
  std::string json = Side(after);
  if (before == nullptr || after == nullptr || before->sha256 == after->sha256) return json;
  json.pop_back();
  return json + ",\"rotated\":true}";
}

class Collector {
 public:
  Collector(const StoreChange& change, std::uint64_t revision, WallTime now)
      : change_(change), revision_(revision), now_(now) {}

  // Both lists ascend by name.
  template <class Entries>
  void Compare(const Entries& before, const Entries& after) {
    auto old = before.begin();
    auto fresh = after.begin();
    while (old != before.end() || fresh != after.end()) {
      const bool gone =
          fresh == after.end() || (old != before.end() && SpecIn(*old).name < SpecIn(*fresh).name);
      const bool added = !gone && (old == before.end() || SpecIn(*fresh).name < SpecIn(*old).name);
      const auto* was = added ? nullptr : &SpecIn(*old++);
      const auto* is = gone ? nullptr : &SpecIn(*fresh++);
      if (was == nullptr || is == nullptr || !(*was == *is)) Add(was, is);
    }
  }

  void AddProfile(const std::string& source, std::string after) {
    AuditRecord& record = Next(after.empty() ? "remove" : "change", "profile", source);
    record.after = std::move(after);
  }

  std::vector<AuditRecord> Take() && { return std::move(records_); }

 private:
  template <class T>
  void Add(const T* before, const T* after) {
    const T& named = after == nullptr ? *before : *after;
    const char* action = before == nullptr ? "create" : after == nullptr ? "remove" : "change";
    AuditRecord& record = Next(action, std::string(KindName(named)), named.name);
    record.before = Side(before);
    record.after = AfterSide(before, after);
  }

  AuditRecord& Next(std::string action, std::string kind, std::string name) {
    AuditRecord& record = records_.emplace_back();
    record.time = now_;
    record.revision = revision_;
    record.by = change_.by;
    record.action = std::move(action);
    record.kind = std::move(kind);
    record.name = std::move(name);
    return record;
  }

  const StoreChange& change_;
  const std::uint64_t revision_;
  const WallTime now_;
  std::vector<AuditRecord> records_;
};

// What comes into profiles, by source. Clients' feedback is no change that somebody made.
void AddProfiles(const StoreChange& change, Collector* collector) {
  if (!change.put_feedback.empty()) return;
  struct Count {
    std::size_t observations = 0;
    std::size_t evidence = 0;
  };
  std::map<std::string, Count> sources;
  for (const Observation& one : change.add_observations) ++sources[one.source].observations;
  for (const Evidence& one : change.put_evidence) ++sources[one.source].evidence;
  for (const std::string& source : change.forget_sources) {
    if (!sources.contains(source)) collector->AddProfile(source, {});
  }
  std::map<std::string, std::size_t> forgotten;
  for (const ObservationKey& key : change.forget_observations) ++forgotten[key.source];
  for (const auto& [source, count] : forgotten) {
    if (!sources.contains(source)) sources[source];
  }
  for (const auto& [source, count] : sources) {
    std::string json;
    json::Writer writer(&json);
    writer.BeginObject().Field("observations", count.observations);
    writer.Field("evidence", count.evidence);
    writer.Field("forgotten", forgotten[source]).EndObject();
    collector->AddProfile(source, std::move(json));
  }
}

}  // namespace

std::vector<AuditRecord> AuditOf(const StoreChange& change, const AuditScope& scope, WallTime now) {
  Collector collector(change, scope.after.revision, now);
  if (scope.entities) {
    collector.Compare(scope.before.backends, scope.after.backends);
    collector.Compare(scope.before.experts, scope.after.experts);
    collector.Compare(scope.before.skills, scope.after.skills);
    collector.Compare(scope.before.policies, scope.after.policies);
    collector.Compare(scope.before.keys, scope.after.keys);
  }
  AddProfiles(change, &collector);
  return std::move(collector).Take();
}

}  // namespace moerge
