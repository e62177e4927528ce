#include "registry/registry_file.h"

#include <algorithm>
#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "registry/entity_json.h"
#include "registry/kinds.h"

namespace moerge {
namespace {

template <class T>
void AppendEntries(const std::vector<T>& entries, std::string* out) {
  for (const T& entry : entries) {
    json::Writer writer(out);
    writer.BeginObject().Field(KindName(entry), entry.name).Key("spec").Raw(ToJson(entry));
    writer.EndObject();
    *out += '\n';
  }
}

Error WrongLine(std::size_t number, const std::string& why) {
  return Error{ErrorCode::kInvalid, "line " + std::to_string(number) + ": " + why};
}

Status CheckFileHead(json::Value line) {
  const bool ours = line.Find("moerge").AsString().value_or("") == "registry";
  const auto version = line.Find("version").AsInt();
  if (!ours || !version) {
    return Error{ErrorCode::kInvalid,
                 "this is no registry that `moerge registry export` has written: its first line "
                 "must be {\"moerge\":\"registry\",\"version\":1,...}"};
  }
  if (*version <= kRegistryFileVersion) return Ok{};
  return Error{ErrorCode::kInvalid, "the file's version is " + std::to_string(*version) +
                                        ", this moerge knows versions up to " +
                                        std::to_string(kRegistryFileVersion)};
}

// Whether the line is an entry of T's kind; it is then among `puts`.
template <class T>
Result<bool> TakeEntry(json::Value line, std::vector<T>* puts) {
  const auto name = line.Find(KindName(T())).AsString();
  const json::Value spec = line.Find("spec");
  if (!name || !spec.present()) return false;
  T entity;
  if (Status read = FromJson(spec.raw(), &entity); !read) {
    return Error{ErrorCode::kInvalid, std::string(KindName(entity)) + " `" + std::string(*name) +
                                          "`: " + read.error().message};
  }
  entity.name = *name;
  puts->push_back(std::move(entity));
  return true;
}

Result<bool> TakeLine(json::Value line, StoreChange* change) {
  Result<bool> taken = TakeEntry(line, &change->put_backends);
  if (taken && !*taken) taken = TakeEntry(line, &change->put_experts);
  if (taken && !*taken) taken = TakeEntry(line, &change->put_skills);
  if (taken && !*taken) taken = TakeEntry(line, &change->put_policies);
  return taken;
}

template <class T>
void RemoveUnput(const std::vector<T>& present, const std::vector<T>& puts,
                 std::vector<std::string>* removals) {
  for (const T& entry : present) {
    const bool stays =
        std::ranges::any_of(puts, [&entry](const T& put) { return put.name == entry.name; });
    if (!stays) removals->push_back(entry.name);
  }
}

}  // namespace

std::string RegistryFileHead(const StoredState& state) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("moerge", "registry").Field("version", kRegistryFileVersion);
  writer.Field("revision", state.revision).EndObject();
  out += '\n';
  AppendEntries(state.backends, &out);
  AppendEntries(state.experts, &out);
  AppendEntries(state.skills, &out);
  AppendEntries(state.policies, &out);
  return out;
}

Result<RegistryFile> ReadRegistryFile(std::string_view text) {
  RegistryFile file;
  bool headed = false;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    const std::string_view rest = text.substr(std::min(end + 1, text.size()));
    if (!line.empty()) {
      const auto document = json::Document::Parse(line);
      if (!document) return WrongLine(number, document.error().message);
      if (!headed) {
        if (Status head = CheckFileHead(document->root()); !head) return std::move(head).error();
        headed = true;
      } else {
        const Result<bool> taken = TakeLine(document->root(), &file.change);
        if (!taken) return WrongLine(number, taken.error().message);
        if (!*taken) break;  // from here on profiles
      }
    }
    text = rest;
  }
  if (!headed) return CheckFileHead(json::Value()).error();
  file.profiles = text;
  return file;
}

void RemoveOthers(const StoredState& state, StoreChange* change) {
  RemoveUnput(state.backends, change->put_backends, &change->remove_backends);
  RemoveUnput(state.experts, change->put_experts, &change->remove_experts);
  RemoveUnput(state.skills, change->put_skills, &change->remove_skills);
  RemoveUnput(state.policies, change->put_policies, &change->remove_policies);
}

}  // namespace moerge
