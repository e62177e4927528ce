#include "config/yaml/field_reader.h"

#include <algorithm>

#include "config/yaml/environment.h"

namespace moerge {
namespace {

std::string Joined(const std::string& path, std::string_view param) {
  if (path.empty() || param.empty() || param.front() == '[') return path + std::string(param);
  return path + "." + std::string(param);
}

std::optional<bool> ParseFlag(std::string_view text) {
  for (const char* yes : {"true", "on", "yes"}) {
    if (EqualsIgnoreCase(text, yes)) return true;
  }
  for (const char* no : {"false", "off", "no"}) {
    if (EqualsIgnoreCase(text, no)) return false;
  }
  return std::nullopt;
}

// The element "[12]..." of a list; null: there is none.
YamlPtr ElementAt(const YamlNode& list, std::string_view step) {
  const auto index = ParseInt(step.substr(1, step.find(']') - 1));
  const bool inside = index && *index >= 0 && static_cast<std::size_t>(*index) < list.items.size();
  return inside ? list.items[static_cast<std::size_t>(*index)] : nullptr;
}

// The node that the first step of `*path` leads to; null: none. Takes the step off. A key may hold
// dots itself.
YamlPtr Follow(const YamlNode& node, std::string_view* path) {
  const std::string_view whole = *path;
  if (const YamlMember* member = node.Find(whole); member != nullptr) {
    *path = {};
    return member->value;
  }
  const std::size_t end = std::min(whole.find_first_of(".[", 1), whole.size());
  *path = whole.substr(end);
  if (path->starts_with('.')) path->remove_prefix(1);
  if (whole.starts_with('[')) return ElementAt(node, whole);
  const YamlMember* member = node.Find(whole.substr(0, end));
  return member == nullptr ? nullptr : member->value;
}

}  // namespace

std::string Alternatives(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " or " : ", ";
    list += names[i];
  }
  return list;
}

FieldReader::FieldReader(YamlPtr node, std::string path, ReadContext* context)
    : node_(std::move(node)), path_(std::move(path)), context_(*context) {
  if (node_ == nullptr || node_->is_map() || node_->is_null()) return;
  context_.mistakes.Add(node_->at, path_, "must be a map (key: value), not " + Shown(*node_));
  broken_ = true;
  node_ = nullptr;
}

const YamlMember* FieldReader::Member(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  return node_ == nullptr ? nullptr : node_->Find(key);
}

bool FieldReader::has(std::string_view key) const {
  return node_ != nullptr && node_->Find(key) != nullptr;
}

YamlMark FieldReader::at() const { return node_ == nullptr ? YamlMark() : node_->at; }

std::string FieldReader::PathOf(std::string_view param) const { return Joined(path_, param); }

YamlPtr FieldReader::Take(std::string_view key) {
  const YamlMember* member = Member(key);
  return member == nullptr ? nullptr : member->value;
}

void FieldReader::Wrong(const YamlNode& node, const std::string& path, std::string_view allowed) {
  const bool hide = hidden_ && node.is_scalar();
  context_.mistakes.Add(node.at, path,
                        "must be " + std::string(allowed) + (hide ? "" : ", not " + Shown(node)));
}

std::optional<std::string> FieldReader::ScalarText(const YamlPtr& node, const std::string& path,
                                                   std::string_view allowed) {
  if (!node->is_scalar()) {
    Wrong(*node, path, allowed);
    return std::nullopt;
  }
  context_.given[path] = context_.fill_variables && !VariablesIn(node->text).empty();
  if (!context_.fill_variables) return node->text;
  bool fine = true;
  std::string text = FillEnvironment(node->text, [&](std::string message) {
    context_.mistakes.Add(node->at, path, std::move(message));
    fine = false;
  });
  return fine ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<std::string> FieldReader::TakeScalar(std::string_view key, std::string_view allowed) {
  const YamlMember* member = Member(key);
  if (member == nullptr) return std::nullopt;
  return ScalarText(member->value, PathOf(key), allowed);
}

void FieldReader::Text(std::string_view key, std::string* out, Presence presence) {
  Scalar(key, out, "a text",
         [](std::string_view text) { return std::optional<std::string>(text); });
  if (presence == kRequired && !broken_ && !has(key)) {
    context_.mistakes.Add(at(), PathOf(key), "is missing");
  }
}

void FieldReader::Flag(std::string_view key, bool* out) {
  Scalar(key, out, "true or false", ParseFlag);
}

void FieldReader::Number(std::string_view key, double* out) {
  Scalar(key, out, "a number", ParseDouble);
}

void FieldReader::Number(std::string_view key, std::optional<double>* out) {
  if (!has(key)) return (void)Member(key);
  Number(key, &out->emplace());
}

void FieldReader::Duration(std::string_view key, std::chrono::milliseconds* out) {
  Scalar(key, out, kDurationHelp, ParseDuration);
}

void FieldReader::Size(std::string_view key, std::size_t* out, std::size_t min, std::size_t max) {
  const std::string allowed = std::string(kSizeHelp) + ", from " + std::to_string(min) + " to " +
                              std::to_string(max) + " bytes";
  Scalar(key, out, allowed, [&](std::string_view text) -> std::optional<std::size_t> {
    const auto size = ParseSize(text);
    return size && *size >= min && *size <= max ? std::optional<std::size_t>(*size) : std::nullopt;
  });
}

void FieldReader::Texts(std::string_view key, std::vector<std::string>* out) {
  Each(key, [&](const YamlPtr& item, const std::string& path) {
    if (auto text = ScalarText(item, path, "a text")) out->push_back(std::move(*text));
  });
}

void FieldReader::Numbers(std::string_view key, std::map<std::string, double>* out) {
  const YamlMember* member = Member(key);
  if (member == nullptr || member->value->is_null()) return;
  if (!member->value->is_map())
    return Wrong(*member->value, PathOf(key), "a map of names to numbers");
  for (const YamlMember& entry : member->value->members) {
    const std::string path = Joined(PathOf(key), entry.key);
    const auto text = ScalarText(entry.value, path, "a number");
    if (!text) continue;
    if (const auto number = ParseDouble(*text)) {
      (*out)[entry.key] = *number;
    } else {
      Wrong(*entry.value, path, "a number");
    }
  }
}

void FieldReader::RawTexts(std::string_view key, std::map<std::string, std::string>* out) {
  const YamlMember* member = Member(key);
  if (member == nullptr || member->value->is_null()) return;
  if (!member->value->is_map()) return Wrong(*member->value, PathOf(key), "a map of texts");
  context_.given.emplace(PathOf(key), false);
  for (const YamlMember& entry : member->value->members) {
    const std::string path = Joined(PathOf(key), entry.key);
    if (entry.value->is_scalar()) {
      (*out)[entry.key] = entry.value->text;
    } else {
      Wrong(*entry.value, path, "a text");
    }
  }
}

void FieldReader::Options(std::string_view key, std::map<std::string, std::string>* out) {
  const YamlMember* member = Member(key);
  if (member == nullptr || member->value->is_null()) return;
  if (!member->value->is_map()) return Wrong(*member->value, PathOf(key), "a map of options");
  ReadOptions(*member->value, "", PathOf(key), out);
}

void FieldReader::ReadOptions(const YamlNode& map, const std::string& prefix,
                              const std::string& path, std::map<std::string, std::string>* out) {
  for (const YamlMember& entry : map.members) {
    const std::string name = prefix + entry.key;
    if (entry.value->is_map()) {
      ReadOptions(*entry.value, name + ".", path, out);
    } else if (auto text = ScalarText(entry.value, Joined(path, name), "a number, word or text")) {
      if (!out->emplace(name, std::move(*text)).second) {
        context_.mistakes.Add(entry.at, Joined(path, name), "is here for the second time");
      }
    }
  }
}

FieldReader FieldReader::Section(std::string_view key) {
  FieldReader section(Take(key), PathOf(key), &context_);
  section.hidden_ = hidden_;
  return section;
}

void FieldReader::Each(
    std::string_view key,
    const std::function<void(const YamlPtr& item, const std::string& path)>& read) {
  const YamlPtr list = Take(key);
  if (list == nullptr || list->is_null()) return;
  if (!list->is_list()) return Wrong(*list, PathOf(key), "a list");
  context_.given.emplace(PathOf(key), false);
  for (std::size_t i = 0; i < list->items.size() && !context_.mistakes.full(); ++i) {
    read(list->items[i], PathOf(key) + "[" + std::to_string(i) + "]");
  }
}

void FieldReader::Refuse(std::string_view key, const std::string& advice) {
  if (!has(key)) return;
  known_.emplace_back(key);
  context_.mistakes.Add(node_->Find(key)->at, PathOf(key), advice);
}

YamlMark FieldReader::Locate(std::string_view param) const {
  YamlMark mark = at();
  YamlPtr node = node_;
  while (node != nullptr && !param.empty()) {
    node = Follow(*node, &param);
    if (node != nullptr) mark = node->at;
  }
  return mark;
}

void FieldReader::AddError(std::string_view param, std::string message) {
  context_.mistakes.Add(Locate(param), PathOf(param), std::move(message));
}

void FieldReader::Check(const std::vector<Error>& mistakes) {
  if (broken_) return;
  for (const Error& mistake : mistakes) {
    if (!context_.mistakes.Has(PathOf(mistake.param))) AddError(mistake.param, mistake.message);
  }
}

void FieldReader::RejectUnknownKeys() {
  if (node_ == nullptr) return;
  for (const YamlMember& member : node_->members) {
    if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
    if (context_.mistakes.full()) return;
    context_.mistakes.Add(member.at, PathOf(member.key),
                          "is not a known key." + DidYouMean(member.key, known_) +
                              " Allowed here: " + Join(known_, ", ") + ".");
  }
}

}  // namespace moerge
