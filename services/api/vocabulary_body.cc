#include "services/api/vocabulary_body.h"

#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/api/field_error.h"

namespace moerge::api {
namespace {

constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxTextBytes = 64 << 10;  // the registry's own checks are narrower
constexpr std::int64_t kMaxCount = 1'000'000'000;

std::string Element(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

Status TakeText(json::Value value, const std::string& param, std::size_t limit, std::string* out) {
  const auto text = value.AsString();
  if (!text) return WrongType(param, "a text", value);
  if (text->size() > limit) {
    return FieldError(
        param, "at most " + std::to_string(limit) + " bytes, not " + std::to_string(text->size()));
  }
  *out = *text;
  return Ok{};
}

Status TakeText(json::Value value, const std::string& param, std::optional<std::string>* out) {
  return TakeText(value, param, kMaxTextBytes, &out->emplace());
}

// A skill's name, or null for none.
Status TakeInto(json::Value value, const std::string& param, std::optional<std::string>* out) {
  if (!value.is_null()) return TakeText(value, param, out);
  out->emplace();
  return Ok{};
}

template <class Whole>
Status TakeWhole(json::Value value, const std::string& param, std::int64_t most, Whole* out) {
  const auto number = value.AsInt();
  if (!number || *number < 1 || *number > most) {
    return FieldError(param, "a whole number from 1 to " + std::to_string(most));
  }
  *out = static_cast<Whole>(*number);
  return Ok{};
}

Status TakeShare(json::Value value, const std::string& param, double* out) {
  const auto share = value.AsDouble();
  if (!share || !(*share >= 0 && *share <= 1)) return FieldError(param, "a number from 0 to 1");
  *out = *share;
  return Ok{};
}

Status TakeTexts(json::Value value, const std::string& param, std::size_t most, std::size_t limit,
                 std::vector<std::string>* out) {
  if (!value.is_array()) return WrongType(param, "a list of texts", value);
  if (value.size() > most) return FieldError(param, "at most " + std::to_string(most));
  for (const json::Value one : value.children()) {
    const std::string place = Element(param, out->size());
    if (Status taken = TakeText(one, place, limit, &out->emplace_back()); !taken) return taken;
    if (Trim(out->back()).empty()) return FieldError(place, "a text that is not empty");
  }
  return Ok{};
}

Status TakeTime(json::Value value, const std::string& param, std::optional<WallTime>* out) {
  *out = ParseTime(value.AsString().value_or(""));
  if (*out) return Ok{};
  return FieldError(param, "a time such as 2026-01-31T12:00:00Z");
}

// Calls take(member, path) for each member of an object.
template <class Take>
Status TakeMembers(json::Value object, const std::string& at, const Take& take) {
  if (!object.is_object()) return WrongType(at, "an object", object);
  for (const json::Value member : object.children()) {
    const std::string key(member.key());
    if (Status taken = take(member, key, at.empty() ? key : at + "." + key); !taken) return taken;
  }
  return Ok{};
}

Status TakeLabelMembers(json::Value value, const std::string& at, FreeLabel* label) {
  return TakeMembers(
      value, at,
      [&](json::Value member, const std::string& key, const std::string& param) -> Status {
        if (key == "text") {
          return TakeText(member, param, kMaxLabelBytes, &label->text);
        }
        if (key == "count") {
          return TakeWhole(member, param, kMaxCount, &label->count);
        }
        if (key == "prompts") {
          return TakeTexts(member, param, kMaxLabelPrompts, kMaxLabelPromptBytes, &label->prompts);
        }
        return UnknownField(param, member.key(), {"text", "count", "prompts"});
      });
}

Status TakeLabel(json::Value value, const std::string& at, FreeLabel* label) {
  const bool alone = value.is_string();
  const std::string param = alone ? at : at + ".text";
  Status taken = alone ? TakeText(value, at, kMaxLabelBytes, &label->text)
                       : TakeLabelMembers(value, at, label);
  if (!taken) return taken;
  if (NormalisedLabel(label->text).empty()) {
    return FieldError(param, "a text with at least one letter or digit");
  }
  return Ok{};
}

Status TakeLabels(json::Value value, std::vector<FreeLabel>* labels) {
  if (!value.is_array() || value.size() == 0 || value.size() > kMaxGivenLabels) {
    return FieldError("labels", "a list of 1 to " + std::to_string(kMaxGivenLabels) + " labels");
  }
  labels->reserve(value.size());
  for (const json::Value one : value.children()) {
    const std::string at = Element("labels", labels->size());
    if (Status taken = TakeLabel(one, at, &labels->emplace_back()); !taken) return taken;
  }
  return Ok{};
}

Status TakeOption(json::Value member, const std::string& key, NewProposal* out) {
  if (key == "merge_at") return TakeShare(member, key, &out->options.merge_at);
  if (key == "prompts_weight") return TakeShare(member, key, &out->options.prompts_weight);
  if (key == "least_count") return TakeWhole(member, key, kMaxCount, &out->options.least_count);
  if (key == "max_skills") return TakeWhole(member, key, kMaxLabels, &out->options.max_skills);
  return UnknownField(key, key,
                      {"name", "labels", "from", "decisions", "since", "merge_at", "prompts_weight",
                       "least_count", "max_skills"});
}

Status TakeSource(json::Value member, NewProposal* out) {
  if (member.AsString() != "decisions") return FieldError("from", "\"decisions\", or left out");
  out->from = "decisions";
  return Ok{};
}

Status CheckSource(json::Value root, const NewProposal& proposal) {
  const bool reported = proposal.from == "decisions";
  const bool labels = root.Find("labels").present();
  if (reported && labels) return FieldError("labels", "left out where `from` says where they are");
  if (reported || labels) {
    for (const char* key : {"decisions", "since"}) {
      if (!reported && root.Find(key)) return FieldError(key, "left out but with `from`");
    }
    return Ok{};
  }
  return FieldError("labels", "given, or `from`");
}

Status TakeEditMember(json::Value member, const std::string& key, const std::string& param,
                      DraftEdit* edit) {
  if (key == "skill") return TakeText(member, param, kMaxTextBytes, &edit->skill);
  if (key == "name") return TakeText(member, param, &edit->name);
  if (key == "category") return TakeText(member, param, &edit->category);
  if (key == "description") return TakeText(member, param, &edit->description);
  if (key == "into") return TakeInto(member, param, &edit->into);
  if (key == "merge") return TakeTexts(member, param, kMaxLabels, kMaxTextBytes, &edit->merge);
  if (key == "examples") {
    return TakeTexts(member, param, kMaxSkillExamples, kMaxTextBytes, &edit->examples.emplace());
  }
  if (key == "drop") {
    const auto drop = member.AsBool();
    if (!drop) return WrongType(param, "a boolean", member);
    edit->drop = *drop;
    return Ok{};
  }
  return UnknownField(
      param, member.key(),
      {"skill", "name", "category", "description", "examples", "into", "merge", "drop"});
}

Status TakeEdit(json::Value value, const std::string& at, DraftEdit* edit) {
  const Status taken = TakeMembers(
      value, at,
      [&](json::Value member, const std::string& key, const std::string& param) -> Status {
        return TakeEditMember(member, key, param, edit);
      });
  if (!taken) return taken;
  if (edit->skill.empty()) return FieldError(at + ".skill", "the name of a proposed skill");
  if (edit->drop && value.size() > 2) {
    return FieldError(at + ".drop", "without other changes: what is dropped needs none");
  }
  return Ok{};
}

Status TakeEdits(json::Value value, ProposalEdit* edit) {
  if (!value.is_array()) return WrongType("skills", "a list of changes", value);
  for (const json::Value one : value.children()) {
    const std::string at = Element("skills", edit->skills.size());
    if (Status taken = TakeEdit(one, at, &edit->skills.emplace_back()); !taken) return taken;
  }
  return Ok{};
}

Status TakeAccepted(json::Value value, const std::string& at, Acceptance::One* one) {
  if (value.is_string()) return TakeText(value, at, kMaxTextBytes, &one->skill);
  const Status taken = TakeMembers(
      value, at,
      [&](json::Value member, const std::string& key, const std::string& param) -> Status {
        if (key == "skill") return TakeText(member, param, kMaxTextBytes, &one->skill);
        if (key == "into") return TakeInto(member, param, &one->into);
        return UnknownField(param, member.key(), {"skill", "into"});
      });
  if (!taken) return taken;
  if (one->skill.empty()) return FieldError(at + ".skill", "the name of a proposed skill");
  return Ok{};
}

Status TakeAcceptance(json::Value value, Acceptance* acceptance) {
  if (!value.is_array() || value.size() == 0) {
    return FieldError("skills", "a list of names of proposed skills, or left out for all");
  }
  for (const json::Value one : value.children()) {
    const std::string at = Element("skills", acceptance->skills.size());
    if (Status taken = TakeAccepted(one, at, &acceptance->skills.emplace_back()); !taken) {
      return taken;
    }
  }
  return Ok{};
}

// Of ParseObject, each member handed to `take`.
template <class Take>
Status ReadObject(const Result<json::Document>& document, const Take& take) {
  if (!document) return document.error();
  return TakeMembers(document->root(), "", take);
}

}  // namespace

Result<NewProposal> ReadNewProposal(std::string_view body) {
  NewProposal out;
  const Result<json::Document> document = ParseObject(body);
  Status read = ReadObject(
      document, [&](json::Value member, const std::string& key, const std::string&) -> Status {
        if (key == "name") return TakeText(member, key, kMaxNameBytes, &out.name);
        if (key == "labels") return TakeLabels(member, &out.labels);
        if (key == "from") return TakeSource(member, &out);
        if (key == "decisions") return TakeWhole(member, key, 100'000, &out.reported.decisions);
        if (key == "since") return TakeTime(member, key, &out.reported.since);
        return TakeOption(member, key, &out);
      });
  if (read) read = CheckSource(document->root(), out);
  if (!read) return std::move(read).error();
  return out;
}

Result<ProposalEdit> ReadProposalEdit(std::string_view body) {
  ProposalEdit edit;
  const Result<json::Document> document = ParseObject(body);
  Status read = ReadObject(
      document, [&](json::Value member, const std::string& key, const std::string&) -> Status {
        if (key == "name") return TakeText(member, key, kMaxNameBytes, &edit.name.emplace());
        if (key == "skills") return TakeEdits(member, &edit);
        return UnknownField(key, key, {"name", "skills"});
      });
  if (!read) return std::move(read).error();
  return edit;
}

Result<Acceptance> ReadAcceptance(std::string_view body) {
  Acceptance acceptance;
  if (Trim(body).empty()) return acceptance;
  const Result<json::Document> document = ParseObject(body);
  Status read = ReadObject(
      document, [&](json::Value member, const std::string& key, const std::string&) -> Status {
        if (key == "skills") return TakeAcceptance(member, &acceptance);
        return UnknownField(key, key, {"skills"});
      });
  if (!read) return std::move(read).error();
  return acceptance;
}

}  // namespace moerge::api
