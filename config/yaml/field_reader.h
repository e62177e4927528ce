// Reads the fields of one YAML map into a struct and reports what is wrong with each: wrong types,
// values that are not allowed, missing fields, unknown keys with "did you mean".
//
//   FieldReader in(node, "backends[0]", &context);
//   in.Text("name", &backend.name, kRequired);
//   in.Duration("idle_timeout", &backend.idle_timeout);
//   in.Check(FindMistakes(backend));
//   in.RejectUnknownKeys();
//
// A field that is absent leaves its default. Lives as long as one map is read; not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/result.h"
#include "config/base/text.h"
#include "config/base/units.h"
#include "config/entities.h"
#include "config/yaml/mistakes.h"
#include "config/yaml/node.h"

namespace moerge {

struct Config;

// What all readers of one file share.
struct ReadContext {
  Mistakes mistakes;
  bool fill_variables = true;  // ${NAME}; false for the shipped files
  // The scalars and lists that were read, by path; true: a variable was filled in.
  std::map<std::string, bool> given = {};
  Status (*check_policy)(const Policy&, const Config* read_so_far) = nullptr;
};

enum Presence { kOptional, kRequired };

template <class Value>
using Choices = std::vector<std::pair<std::string_view, Value>>;

class FieldReader {
 public:
  // `node` may be null or hold nothing: every field is absent then.
  FieldReader(YamlPtr node, std::string path, ReadContext* context);

  // From here on no error text repeats a value of this map: it may hold secrets.
  void HideValues() { hidden_ = true; }

  // One scalar. `parse` gives nothing for a value that is not allowed; `allowed` says what is.
  template <class Value, class Parse>
  void Scalar(std::string_view key, Value* out, std::string_view allowed, Parse parse);

  void Text(std::string_view key, std::string* out, Presence presence = kOptional);
  void Flag(std::string_view key, bool* out);
  void Number(std::string_view key, double* out);
  void Number(std::string_view key, std::optional<double>* out);
  template <class Value>
  void Integer(std::string_view key, Value* out, std::int64_t min = std::numeric_limits<int>::min(),
               std::int64_t max = std::numeric_limits<int>::max());
  template <class Span>
  void Duration(std::string_view key, Span* out, std::chrono::milliseconds min,
                std::chrono::milliseconds max);
  void Duration(std::string_view key, std::chrono::milliseconds* out);
  void Size(std::string_view key, std::size_t* out, std::size_t min, std::size_t max);
  template <class Value>
  void Choice(std::string_view key, Value* out, const Choices<Value>& choices);

  void Texts(std::string_view key, std::vector<std::string>* out);
  void Numbers(std::string_view key, std::map<std::string, double>* out);
  // A map of texts in which variables are not filled in.
  void RawTexts(std::string_view key, std::map<std::string, std::string>* out);
  // Maps inside the map give dotted names.
  void Options(std::string_view key, std::map<std::string, std::string>* out);

  // The map under `key`, for a reader of its own.
  FieldReader Section(std::string_view key);
  // Calls `read` with every element of the list under `key` and its path.
  void Each(std::string_view key,
            const std::function<void(const YamlPtr& item, const std::string& path)>& read);
  // A wrong key that people are likely to try: `advice` says what to do instead.
  void Refuse(std::string_view key, const std::string& advice);
  // The node under `key`, which counts as read; null if absent.
  YamlPtr Take(std::string_view key);

  // Adds each error whose field has none yet.
  void Check(const std::vector<Error>& mistakes);
  // Adds an error at `param`: "name", "skills.algebra", "tags[2]", or "" for the whole.
  void AddError(std::string_view param, std::string message);
  // Adds an error for each key that no call has read. Call last.
  void RejectUnknownKeys();

  bool has(std::string_view key) const;
  YamlMark at() const;
  // Where `param` stands, or the nearest enclosing part that exists.
  YamlMark Locate(std::string_view param) const;
  std::string PathOf(std::string_view param) const;

 private:
  const YamlMember* Member(std::string_view key);
  std::optional<std::string> ScalarText(const YamlPtr& node, const std::string& path,
                                        std::string_view allowed);
  std::optional<std::string> TakeScalar(std::string_view key, std::string_view allowed);
  void Wrong(const YamlNode& node, const std::string& path, std::string_view allowed);
  void ReadOptions(const YamlNode& map, const std::string& prefix, const std::string& path,
                   std::map<std::string, std::string>* out);

  YamlPtr node_;  // a map or null
  std::string path_;
  ReadContext& context_;
  std::vector<std::string> known_;
  bool hidden_ = false;
  bool broken_ = false;  // not a map, and said so
};

// "a, b or c".
std::string Alternatives(const std::vector<std::string>& names);

template <class Value, class Parse>
void FieldReader::Scalar(std::string_view key, Value* out, std::string_view allowed, Parse parse) {
  const std::optional<std::string> text = TakeScalar(key, allowed);
  if (!text) return;
  if (std::optional<Value> value = parse(*text)) {
    *out = std::move(*value);
  } else {
    Wrong(*node_->Find(key)->value, PathOf(key), allowed);
  }
}

template <class Value>
void FieldReader::Integer(std::string_view key, Value* out, std::int64_t min, std::int64_t max) {
  const bool bounded =
      min > std::numeric_limits<int>::min() || max < std::numeric_limits<int>::max();
  const std::string range =
      bounded ? " from " + std::to_string(min) + " to " + std::to_string(max) : std::string();
  Scalar(key, out, "a whole number" + range, [&](std::string_view text) -> std::optional<Value> {
    const auto number = ParseInt(text);
    if (!number || *number < min || *number > max) return std::nullopt;
    return static_cast<Value>(*number);
  });
}

template <class Span>
void FieldReader::Duration(std::string_view key, Span* out, std::chrono::milliseconds min,
                           std::chrono::milliseconds max) {
  using std::chrono::milliseconds;
  const std::string allowed =
      std::string(kDurationHelp) + ", from " + FormatDuration(min) + " to " + FormatDuration(max);
  Scalar(key, out, allowed, [&](std::string_view text) -> std::optional<Span> {
    const std::optional<milliseconds> duration = ParseDuration(text);
    if (!duration || *duration < min || *duration > max) return std::nullopt;
    return std::chrono::duration_cast<Span>(*duration);
  });
}

template <class Value>
void FieldReader::Choice(std::string_view key, Value* out, const Choices<Value>& choices) {
  std::vector<std::string> names;
  for (const auto& choice : choices) names.emplace_back(choice.first);
  Scalar(key, out, Alternatives(names), [&](std::string_view text) -> std::optional<Value> {
    for (const auto& [name, value] : choices) {
      if (name == text) return value;
    }
    return std::nullopt;
  });
}

}  // namespace moerge
