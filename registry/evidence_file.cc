#include "registry/evidence_file.h"

#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "config/base/json.h"
#include "config/base/text.h"
#include "config/roles.h"
#include "config/validate.h"

namespace moerge {
namespace {

// Kept in single precision, so few digits say all.
std::string Short(double value) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, static_cast<float>(value)).ptr;
  return std::string(text, end);
}

Error BadEvidence(std::string message) { return Error{ErrorCode::kInvalid, std::move(message)}; }

Status TakeText(json::Value object, const char* key, bool needed, std::string* out) {
  const json::Value value = object.Find(key);
  const auto text = value.AsString();
  if (text) *out = *text;
  const bool fine = text ? !needed || !text->empty() : !needed && !value.present();
  return fine ? Status(Ok{}) : BadEvidence("`" + std::string(key) + "` must be a text");
}

Status TakeNumber(json::Value object, const char* key, double least, double most, double* out) {
  const auto number = object.Find(key).AsDouble();
  if (!number || !(*number >= least && *number <= most)) {
    return BadEvidence("`" + std::string(key) + "` must be a number from " + Short(least) + " to " +
                       Short(most));
  }
  *out = *number;
  return Ok{};
}

Status TakeTime(json::Value object, WallTime* out) {
  const json::Value value = object.Find("updated");
  if (value.is_null()) return Ok{};
  const auto time = ParseTime(value.AsString().value_or(""));
  if (!time) return BadEvidence("`updated` must be a time such as 2026-01-31T12:00:00Z, or null");
  *out = *time;
  return Ok{};
}

Status CheckFields(json::Value object, const std::vector<std::string>& known) {
  for (const json::Value member : object.children()) {
    const std::string key(member.key());
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    return BadEvidence("the field `" + key + "` is unknown." + DidYouMean(key, known));
  }
  return Ok{};
}

Status ReadEvidence(json::Value object, Evidence* out) {
  constexpr double kMost = 1e9;
  Status s = CheckFields(object, {"expert", "skill", "source", "wins", "trials", "updated"});
  if (s.ok()) s = TakeText(object, "expert", true, &out->expert);
  if (s.ok()) s = TakeText(object, "skill", true, &out->skill);
  if (s.ok()) s = TakeText(object, "source", true, &out->source);
  if (s.ok()) s = TakeNumber(object, "trials", 0, kMost, &out->trials);
  if (s.ok()) s = TakeNumber(object, "wins", 0, out->trials, &out->wins);
  if (s.ok()) s = TakeTime(object, &out->updated);
  return s;
}

Status ReadScores(json::Value scores, Observation* out) {
  if (!scores.is_object()) return BadEvidence("`scores` must be an object");
  for (const json::Value member : scores.children()) {
    const std::string expert(member.key());
    const auto score = member.AsDouble();
    if (expert.empty() || !score || !(*score >= 0 && *score <= 1)) {
      return BadEvidence("`scores." + expert + "` must be a number from 0 to 1");
    }
    out->scores.emplace_back(expert, *score);
  }
  return Ok{};
}

Status ReadObservation(json::Value object, Observation* out) {
  Status s = CheckFields(object, {"observation", "source", "skill", "prompt", "scores"});
  if (s.ok()) s = TakeText(object, "observation", true, &out->id);
  if (s.ok()) s = TakeText(object, "source", true, &out->source);
  if (s.ok()) s = TakeText(object, "skill", false, &out->skill);
  if (s.ok()) s = TakeText(object, "prompt", false, &out->prompt);
  return s.ok() ? ReadScores(object.Find("scores"), out) : s;
}

// The skills that experts were measured on and that do not exist, so far as names allow.
void CreateSkills(const Snapshot& snapshot, ProfileImport* import) {
  std::set<std::string> names;
  for (const Evidence& one : import->change.put_evidence) names.insert(one.skill);
  for (const std::string& name : names) {
    if (name == kGeneralSkill || IsRoleName(name) || snapshot.FindSkill(name)) continue;
    Skill skill;
    skill.name = name;
    if (const Status sound = Validate(skill); !sound.ok()) {
      import->report.warnings.push_back("`" + name +
                                        "` cannot name a skill: " + sound.error().message);
      continue;
    }
    import->change.put_skills.push_back(skill);
  }
}

std::string SourceList(const std::vector<Evidence>& evidence) {
  std::set<std::string> sources;
  for (const Evidence& one : evidence) sources.insert(one.source);
  return Join({sources.begin(), sources.end()}, ", ");
}

}  // namespace

std::string EvidenceLine(const Evidence& evidence) {
  if (evidence.trials <= 0) return {};
  std::string line;
  json::Writer writer(&line);
  writer.BeginObject().Field("expert", evidence.expert).Field("skill", evidence.skill);
  writer.Field("source", evidence.source).Key("wins").Raw(Short(evidence.wins));
  writer.Key("trials").Raw(Short(evidence.trials)).Key("updated");
  evidence.updated == WallTime{} ? writer.Null() : writer.String(FormatTime(evidence.updated));
  writer.EndObject();
  return line + "\n";
}

std::string ObservationLine(const Observation& observation) {
  std::string line;
  json::Writer writer(&line);
  writer.BeginObject().Field("observation", observation.id).Field("source", observation.source);
  writer.Field("skill", observation.skill).Field("prompt", observation.prompt);
  writer.Key("scores").BeginObject();
  for (const auto& [expert, score] : observation.scores) writer.Field(expert, score);
  writer.EndObject().EndObject();
  return line + "\n";
}

std::string EvidenceLines(const EvidenceTable& evidence) {
  std::string lines;
  for (const Evidence& one : evidence.List()) lines += EvidenceLine(one);
  return lines;
}

bool IsEvidenceLine(std::string_view line) {
  const auto document = json::Document::Parse(line);
  if (!document.ok()) return false;
  const json::Value root = document->root();
  return root.Find("observation").present() ||
         (root.Find("expert").present() && root.Find("trials").present());
}

Status EvidenceParser::Read(std::string_view line) {
  const auto document = json::Document::Parse(line);
  if (!document.ok()) return BadEvidence("not JSON: " + document.error().message);
  const json::Value root = document->root();
  if (root.Find("observation").present()) {
    Observation one;
    if (Status read = ReadObservation(root, &one); !read.ok()) return read;
    observations.push_back(std::move(one));
  } else {
    Evidence one;
    if (Status read = ReadEvidence(root, &one); !read.ok()) return read;
    evidence.push_back(std::move(one));
  }
  ++report_.rows;
  return Ok{};
}

Status EvidenceParser::Parse(std::string_view line, std::size_t number) {
  if (Trim(line).empty()) return Ok{};
  const Status read = Read(line);
  if (read.ok()) return Ok{};
  const std::string message = "line " + std::to_string(number) + ": " + read.error().message;
  if (options_.strict) return BadEvidence(message);
  ++report_.bad;
  if (report_.messages.size() < TableReport::kMaxMessages) report_.messages.push_back(message);
  return Ok{};
}

Result<EvidenceParser> ParseEvidence(std::string_view text, TableOptions options) {
  EvidenceParser parser(std::move(options));
  std::size_t number = 0;
  for (const std::string_view line : Split(text, '\n')) {
    if (Status read = parser.Parse(line, ++number); !read.ok()) return read.error();
  }
  return parser;
}

ProfileImport ImportEvidence(const EvidenceParser& file, const Snapshot& snapshot) {
  ProfileImport import;
  import.change.put_evidence = file.evidence;
  import.change.add_observations = file.observations;
  CreateSkills(snapshot, &import);
  import.report.source = SourceList(file.evidence);
  import.report.rows = file.report().rows;
  Describe(import.change, snapshot, &import.report);
  return import;
}

}  // namespace moerge
