#include "services/api/splice.h"

#include "config/base/json.h"

namespace moerge::api {
namespace {

constexpr std::string_view kMember = "\"moerge\":";

void AppendModelSpliced(const Splice& splice, std::string_view object, std::string* out) {
  if (splice.model_end == 0) {
    out->append(object);
    return;
  }
  out->append(object.substr(0, splice.model_begin)).append("\"").append(splice.model).append("\"");
  out->append(object.substr(splice.model_end));
}

void AppendFast(const Splice& splice, std::size_t brace, std::string* out) {
  const std::string_view open = splice.json.substr(0, brace);
  AppendModelSpliced(splice, open, out);
  const bool empty = open.find_last_not_of(" \t\r\n") == open.find('{');
  out->append(empty ? "" : ",").append(kMember).append(splice.moerge).append("}");
}

// Member by member, for an object that has a "moerge" already.
void AppendRebuilt(const Splice& splice, json::Value root, std::string* out) {
  out->push_back('{');
  for (const json::Value member : root.children()) {
    const std::string_view key = member.key();
    if (key == "moerge") continue;
    const std::size_t begin = member.member_begin();
    out->append(splice.json.substr(begin, member.begin() - begin));
    if (key == "model" && splice.model_end != 0) {
      json::AppendQuoted(splice.model, out);
    } else {
      out->append(member.raw());
    }
    out->push_back(',');
  }
  out->append(kMember).append(splice.moerge).append("}");
}

}  // namespace

void AppendSpliced(const Splice& splice, std::string* out) {
  out->reserve(out->size() + splice.json.size() + splice.model.size() + splice.moerge.size() + 16);
  const std::size_t brace = splice.json.rfind('}');
  if (splice.moerge.empty() || brace == splice.json.npos) {
    return AppendModelSpliced(splice, splice.json, out);
  }
  // An expert may be another moerge, and a key may not occur twice.
  if (splice.json.find("\"moerge\"") == splice.json.npos) return AppendFast(splice, brace, out);
  const auto document = json::Document::Parse(splice.json);
  const bool rebuild = document && document->root().Find("moerge");
  rebuild ? AppendRebuilt(splice, document->root(), out) : AppendFast(splice, brace, out);
}

}  // namespace moerge::api
