// Earlier states of the registry: list, compare, bring back.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "registry/change_check.h"
#include "registry/revision_history.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/admin/paging.h"
#include "services/api/admin/profile_sources.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

constexpr int kMostRecords = 10'000;
constexpr std::size_t kNamed = 10;  // of a revision's changes in the list

using Records = std::vector<AuditRecord>;

Result<std::uint64_t> ReadRevision(std::string_view text, const std::string& param) {
  const auto number = ParseInt(text);
  if (!number || *number < 0) return FieldError(param, "a revision, a whole number from 0");
  return static_cast<std::uint64_t>(*number);
}

// All records later than `revision`, newest first.
Result<Records> RecordsAfter(Store& store, std::uint64_t revision) {
  AuditFilter filter;
  filter.after_revision = revision;
  filter.limit = kMostRecords;
  Result<Records> records = store.audit().List(filter);
  if (records && records->size() == kMostRecords) {
    return Error{ErrorCode::kTooLarge,
                 "more than " + std::to_string(kMostRecords) + " things were changed since then"};
  }
  return records;
}

void WriteRevision(Records::const_iterator from, Records::const_iterator to, json::Writer& writer) {
  writer.BeginObject().Field("revision", from->revision).Field("time", FormatTime(from->time));
  writer.TextOrNull("who", from->by.who).Field("through", from->by.through);
  writer.Field("changes", to - from).Key("named").BeginArray();
  std::size_t named = 0;
  for (auto at = from; at != to && named < kNamed; ++at, ++named) {
    writer.BeginObject().Field("action", at->action).Field("kind", at->kind);
    writer.Field("name", at->name).EndObject();
  }
  writer.EndArray().EndObject();
}

constexpr int kRead = 500;  // records at once

// The records of the newest `count` revisions before `before` and of one more, if there is one.
Result<Records> RecordsOf(Store& store, std::optional<std::uint64_t> before, std::size_t count) {
  Records all;
  AuditFilter filter;
  filter.before_revision = before;
  filter.limit = kRead;
  std::size_t revisions = 0;
  while (true) {
    Result<Records> page = store.audit().List(filter);
    if (!page) return page;
    for (AuditRecord& record : *page) {
      if (all.empty() || all.back().revision != record.revision) ++revisions;
      all.push_back(std::move(record));
      if (revisions > count) return all;
    }
    if (page->size() < static_cast<std::size_t>(kRead)) return all;
    filter.before_id = all.back().id;
  }
}

// `limit` revisions at most; a revision's records stand together.
std::string RevisionsJson(const Records& records, std::size_t limit) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  auto from = records.begin();
  for (std::size_t count = 0; from != records.end() && count < limit; ++count) {
    auto to = from;
    while (to != records.end() && to->revision == from->revision) ++to;
    WriteRevision(from, to, writer);
    from = to;
  }
  writer.EndArray().Field("has_more", from != records.end()).EndObject();
  return out;
}

Task<void> ListRevisions(ApiCall& call, ApiContext& context) {
  const http::Request& request = call.exchange.request();
  const Result<int> limit = ReadLimit(request, 50);
  if (!limit) co_return co_await SendError(call, limit.error());
  std::optional<std::uint64_t> before;
  if (const std::string text = request.Query("before"); !text.empty()) {
    const Result<std::uint64_t> revision = ReadRevision(text, "before");
    if (!revision) co_return co_await SendError(call, revision.error());
    before = *revision;
  }
  const auto count = static_cast<std::size_t>(*limit);
  std::function<Result<Records>(Store&)> ask = [before, count](Store& store) {
    return RecordsOf(store, before, count);
  };
  Result<Records> records = co_await OnStore(context.shared().store, std::move(ask));
  if (!records) co_return co_await SendError(call, records.error());
  const std::uint64_t current = context.shared().registry.Current()->revision;
  call.exchange.SetHeader("etag", TagOfRevision(current));
  co_await SendJson(call, RevisionsJson(*records, count));
}

void WriteDifference(const RevisionDifference& difference, json::Writer& writer) {
  writer.BeginObject().Field("kind", difference.kind).Field("name", difference.name);
  writer.RawOrNull("before", difference.before).RawOrNull("after", difference.after).EndObject();
}

Task<void> CompareRevisions(ApiCall& call, ApiContext& context) {
  const http::Request& request = call.exchange.request();
  const std::uint64_t current = context.shared().registry.Current()->revision;
  const Result<std::uint64_t> from = ReadRevision(request.Query("from"), "from");
  if (!from) co_return co_await SendError(call, from.error());
  Result<std::uint64_t> to = current;
  if (const std::string text = request.Query("to"); !text.empty()) to = ReadRevision(text, "to");
  if (!to) co_return co_await SendError(call, to.error());
  std::function<Result<Records>(Store&)> ask = [from = *from](Store& store) {
    return RecordsAfter(store, from);
  };
  Result<Records> records = co_await OnStore(context.shared().store, std::move(ask));
  if (!records) co_return co_await SendError(call, records.error());
  std::erase_if(*records, [to = *to](const AuditRecord& one) { return one.revision > to; });
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Field("from", *from).Field("to", *to);
  writer.Key("data").BeginArray();
  for (const RevisionDifference& one : DifferencesOf(*records)) WriteDifference(one, writer);
  writer.EndArray().Field("has_more", false).EndObject();
  co_await SendJson(call, std::move(out));
}

std::string RestorationJson(const Restoration& restoration, std::uint64_t restored,
                            std::uint64_t revision) {
  std::string out;
  json::Writer writer(&out);
  const StoreChange& change = restoration.change;
  const auto puts = change.put_backends.size() + change.put_experts.size() +
                    change.put_skills.size() + change.put_policies.size();
  const auto removals = change.remove_backends.size() + change.remove_experts.size() +
                        change.remove_skills.size() + change.remove_policies.size();
  writer.BeginObject().Field("restored", restored).Field("revision", revision);
  writer.Field("put", puts).Field("removed", removals).Key("skipped").BeginArray();
  for (const std::string& why : restoration.skipped) writer.String(why);
  writer.EndArray().EndObject();
  return out;
}

// The change that brings the revision back, checked.
Result<Restoration> Restore(Store& store, std::uint64_t revision, const Snapshot& current,
                            const std::string& file) {
  const Result<Records> records = RecordsAfter(store, revision);
  if (!records) return records.error();
  Restoration restoration = RestorationOf(*records, current);
  if (Status sound = CheckChange(restoration.change, current, file); !sound) {
    return std::move(sound).error();
  }
  return restoration;
}

// Earlier states are brought back by a new revision, so that nothing is lost.
Task<void> RestoreRevision(ApiCall& call, ApiContext& context) {
  Status nothing = ReadNothing(call.exchange.TakeBody());
  if (!nothing) co_return co_await SendError(call, std::move(nothing).error());
  const Result<std::uint64_t> wanted = ReadRevision(call.Parameter("revision"), "revision");
  if (!wanted) co_return co_await SendError(call, wanted.error());
  const Result<bool> dry = WantsDryRun(call.exchange.request());
  if (!dry) co_return co_await SendError(call, dry.error());
  Registry& registry = context.shared().registry;
  const auto done = std::make_shared<Restoration>();
  const auto work = [done, wanted = *wanted, &registry, config = call.config,
                     if_match = std::string(call.exchange.request().Find("if-match"))](
                        Store& store) -> Result<std::uint64_t> {
    const SnapshotPtr current = registry.Current();
    Status same = CheckMatch(if_match, TagOfRevision(current->revision));
    if (!same) return std::move(same).error();
    if (wanted >= current->revision) {
      return FieldError("revision", "an earlier one than " + std::to_string(current->revision) +
                                        ", which is in force");
    }
    Result<Restoration> restoration = Restore(store, wanted, *current, config->file);
    if (!restoration) return std::move(restoration).error();
    *done = *std::move(restoration);
    return current->revision;
  };
  Result<std::uint64_t> revision = std::uint64_t{0};
  if (*dry) {
    std::function<Result<std::uint64_t>(Store&)> look = work;
    revision = co_await OnStore(context.shared().store, std::move(look));
    call.exchange.SetHeader("x-moerge-dry-run", "true");
  } else {
    Registry::Make make = [work, done](Store& store, const StoredState&) -> Result<StoreChange> {
      const Result<std::uint64_t> can = work(store);
      if (!can) return can.error();
      return done->change;
    };
    revision = co_await ChangeRegistry(registry, AuthorOf(call), std::move(make));
  }
  if (!revision) co_return co_await SendError(call, std::move(revision).error());
  std::string json = RestorationJson(*done, *wanted, *revision);
  co_await SendJson(call, std::move(json));
}

}  // namespace

void AddRevisionRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/revisions", Access::kRead,
            [&context](ApiCall& call) { return ListRevisions(call, context); });
  table.Add("GET", "/api/v1/revisions/compare", Access::kRead,
            [&context](ApiCall& call) { return CompareRevisions(call, context); });
  table.Add("POST", "/api/v1/revisions/{revision}/restore", Access::kAdmin,
            [&context](ApiCall& call) { return RestoreRevision(call, context); });
}

}  // namespace moerge::api
