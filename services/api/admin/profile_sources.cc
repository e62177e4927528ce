#include "services/api/admin/profile_sources.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "config/base/text.h"
#include "registry/evidence.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/error.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

bool IsOfSource(const EvidenceRow& row, std::string_view source) {
  return row.source == source || SourceFamily(row.source) == source;
}

// All that a row says.
std::string TextOfRow(const EvidenceRow& row) {
  std::string text;
  json::Writer writer(&text);
  writer.BeginArray().String(NameOf(row.expert)).String(row.source);
  writer.String(FormatTime(row.updated));
  for (const SkillRecord& cell : row.cells) {
    writer.String(NameOf(cell.skill)).Number(cell.wins).Number(cell.trials);
  }
  writer.EndArray();
  return text;
}

struct SourceSum {
  std::string source;
  std::set<std::string_view> experts;
  std::set<std::string_view> skills;
  double trials = 0;
  WallTime updated = {};
};

void AddRowTo(const EvidenceRow& row, SourceSum* sum) {
  sum->source = SourceFamily(row.source);
  sum->experts.insert(NameOf(row.expert));
  for (const SkillRecord& cell : row.cells) {
    sum->skills.insert(NameOf(cell.skill));
    sum->trials += cell.trials;
  }
  sum->updated = std::max(sum->updated, row.updated);
}

std::string SourceJson(const SourceSum& sum) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("source", sum.source).Field("experts", sum.experts.size());
  writer.Field("skills", sum.skills.size()).Field("trials", sum.trials);
  writer.Field("updated", FormatTime(sum.updated)).EndObject();
  return out;
}

struct ShownSource {
  std::string json;
  std::string tag;
};

Result<ShownSource> ShowSource(Store& store, const std::string& source) {
  const Result<StoredState> state = store.registry().Load();
  if (!state) return state.error();
  SourceSum sum;
  for (const EvidenceRowPtr& row : state->evidence.rows()) {
    if (IsOfSource(*row, source)) AddRowTo(*row, &sum);
  }
  if (sum.experts.empty()) {
    return Error{.code = ErrorCode::kNotFound,
                 .message = "there is no evidence from `" + source + "`",
                 .param = "source"};
  }
  sum.source = source;
  return ShownSource{SourceJson(sum), TagOfSource(state->evidence, source)};
}

Result<std::string> ShowSources(Store& store) {
  const Result<StoredState> state = store.registry().Load();
  if (!state) return state.error();
  std::map<std::string, SourceSum, std::less<>> sums;
  for (const EvidenceRowPtr& row : state->evidence.rows()) {
    AddRowTo(*row, &sums[std::string(SourceFamily(row->source))]);
  }
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const auto& [source, sum] : sums) writer.Raw(SourceJson(sum));
  writer.EndArray().Field("has_more", false).EndObject();
  return out;
}

Task<void> ListSources(ApiCall& call, ApiContext& context) {
  std::function<Result<std::string>(Store&)> read = ShowSources;
  Result<std::string> json = co_await OnStore(context.shared().store, std::move(read));
  if (!json) co_return co_await SendError(call, std::move(json).error());
  co_await SendJson(call, *std::move(json));
}

Task<void> GetSource(ApiCall& call, ApiContext& context) {
  std::function<Result<ShownSource>(Store&)> read =
      [source = std::string(call.Parameter("source"))](Store& store) {
        return ShowSource(store, source);
      };
  Result<ShownSource> shown = co_await OnStore(context.shared().store, std::move(read));
  if (!shown) co_return co_await SendError(call, std::move(shown).error());
  call.exchange.SetHeader("etag", shown->tag);
  co_await SendJson(call, std::move(shown->json));
}

}  // namespace

std::string TagOfSource(const EvidenceTable& evidence, std::string_view source) {
  std::vector<std::string> rows;
  for (const EvidenceRowPtr& row : evidence.rows()) {
    if (IsOfSource(*row, source)) rows.push_back(TextOfRow(*row));
  }
  if (rows.empty()) return {};
  // By what they say: ids of experts differ from process to process.
  std::ranges::sort(rows);
  return TagOf(source, "", Join(rows, "\n"));
}

std::string TagOfRevision(std::uint64_t revision) {
  return "\"revision-" + std::to_string(revision) + "\"";
}

void AddProfileSourceRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/profile-sources", Access::kRead,
            [&context](ApiCall& call) { return ListSources(call, context); });
  table.Add("GET", "/api/v1/profile-sources/{source...}", Access::kRead,
            [&context](ApiCall& call) { return GetSource(call, context); });
}

}  // namespace moerge::api
