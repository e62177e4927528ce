// Proposals of a skill vocabulary: built from labels, kept, changed by a reviewer, accepted.
#include <algorithm>
#include <functional>
#include <utility>

#include "config/base/json.h"
#include "config/base/random.h"
#include "config/base/text.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/dry_change.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/store_call.h"
#include "services/api/vocabulary_body.h"
#include "services/vocabulary/proposal.h"
#include "services/vocabulary/review.h"

namespace moerge::api {
namespace {

constexpr std::string_view kProposalsPath = "/api/v1/vocabulary/proposals";
constexpr std::string_view kOne = "/api/v1/vocabulary/proposals/{id}";
constexpr std::size_t kMaxOpen = 32;
constexpr std::size_t kMaxDecided = 200;  // beyond those the oldest go
constexpr std::size_t kIdDigits = 12;

// As JSON.
Result<std::string> Load(Store& store, const std::string& id) {
  auto record = store.proposals().Get(id);
  if (!record) return std::move(record).error();
  if (*record) return std::move((*record)->json);
  return Error{.code = ErrorCode::kNotFound,
               .message = "there is no vocabulary proposal `" + id + "`",
               .param = "id"};
}

std::string TagOfProposal(std::string_view json) { return TagOf("", "", json); }

// The same, if it is in the state that a client means.
Result<std::string> LoadMatching(Store& store, const std::string& id, std::string_view if_match) {
  Result<std::string> kept = Load(store, id);
  if (!kept) return kept;
  if (Status match = CheckMatch(if_match, TagOfProposal(*kept)); !match) {
    return std::move(match).error();
  }
  return kept;
}

// Reading the body, reading decisions and comparing all pairs of labels take their time.
Result<Proposal> Build(const std::string& body, const ApiShared& shared) {
  Result<NewProposal> wanted = ReadNewProposal(body);
  if (!wanted) return std::move(wanted).error();
  if (wanted->from == "decisions") {
    auto reported = ReportedLabels(shared.store, *shared.registry.Current(), wanted->reported);
    if (!reported) return std::move(reported).error();
    wanted->labels = *std::move(reported);
  }
  auto built = ProposeVocabulary(wanted->labels, wanted->options);
  if (!built) return std::move(built).error();
  Proposal proposal = MakeProposal(*std::move(built), wanted->options);
  proposal.id = RandomId().substr(0, kIdDigits);
  proposal.name = std::move(wanted->name);
  proposal.from = std::move(wanted->from);
  proposal.created = std::chrono::system_clock::now();
  return proposal;
}

// `record`, and without the oldest of what has been decided.
Result<StoreChange> Keep(Store& store, const ProposalRecord& record) {
  const auto kept = store.proposals().List();
  if (!kept) return kept.error();
  StoreChange change;
  std::size_t open = 0;
  std::size_t decided = 0;
  for (const ProposalRecord& one : *kept) {
    const bool is_open = one.status == ProposalStatusName(ProposalStatus::kOpen);
    is_open ? ++open : ++decided;
    if (!is_open && decided > kMaxDecided) change.remove_proposals.push_back(one.id);
  }
  if (open >= kMaxOpen) {
    return Error{.code = ErrorCode::kConflict,
                 .message = std::to_string(open) +
                            " vocabulary proposals are open, which is the most; accept, reject or "
                            "delete one first"};
  }
  change.put_proposals = {record};
  return change;
}

std::string WithRevision(std::string json, std::uint64_t revision) {
  json.pop_back();
  return json + ",\"revision\":" + std::to_string(revision) + "}";
}

Task<void> Propose(ApiCall& call, ApiContext& context) {
  const ApiShared& shared = context.shared();
  const auto body = std::make_shared<const std::string>(call.exchange.TakeBody());
  std::function<Result<ProposalRecord>()> job = [body, &shared]() -> Result<ProposalRecord> {
    const Result<Proposal> built = Build(*body, shared);
    if (!built) return built.error();
    return RecordOf(*built);
  };
  Result<ProposalRecord> built = co_await OnWorker(shared.worker, std::move(job));
  if (!built) co_return co_await SendError(call, std::move(built).error());
  const auto record = std::make_shared<const ProposalRecord>(*std::move(built));
  Registry::Make make = [record](Store& store, const StoredState&) { return Keep(store, *record); };
  Result<ChangeMade> made = co_await ChangeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, std::move(made).error());
  std::string reply = WithRevision(record->json, made->revision);
  call.exchange.SetHeader("etag", TagOfProposal(record->json));
  const int status = made->dry ? 200 : 201;
  co_await SendJson(call, std::move(reply), status);
}

void WriteRow(const ProposalRecord& record, json::Writer& writer) {
  writer.BeginObject().Field("id", record.id).Field("object", "moerge.vocabulary_proposal");
  writer.Field("name", record.name).Field("status", record.status);
  writer.Field("created", FormatTime(record.created)).Field("skills", record.skills);
  writer.Field("labels", record.labels).EndObject();
}

Task<void> List(ApiCall& call, ApiContext& context) {
  const std::string status = call.exchange.request().Query("status");
  if (!status.empty() && !ParseProposalStatus(status)) {
    Error wrong = FieldError("status", "open, accepted or rejected");
    co_return co_await SendError(call, std::move(wrong));
  }
  std::function<Result<std::vector<ProposalRecord>>(Store&)> job = [](Store& store) {
    return store.proposals().List();
  };
  auto records = co_await OnStore(context.shared().store, std::move(job));
  if (!records) co_return co_await SendError(call, std::move(records).error());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const ProposalRecord& record : *records) {
    if (status.empty() || record.status == status) WriteRow(record, writer);
  }
  writer.EndArray().Field("has_more", false).EndObject();
  co_await SendJson(call, std::move(out));
}

Task<void> Get(ApiCall& call, ApiContext& context) {
  const std::string id(call.Parameter("id"));
  std::function<Result<std::string>(Store&)> job = [id](Store& store) { return Load(store, id); };
  Result<std::string> json = co_await OnStore(context.shared().store, std::move(job));
  if (!json) co_return co_await SendError(call, std::move(json).error());
  call.exchange.SetHeader("etag", TagOfProposal(*json));
  co_await SendJson(call, *std::move(json));
}

// What a reviewer does with a proposal: changes it, and gives what the registry is to take over.
using Review = std::function<Result<StoreChange>(const Snapshot&, Proposal*)>;

// On the store thread, so that nothing comes between reading and writing.
Task<void> Apply(ApiCall& call, ApiContext& context, Review review) {
  Registry& registry = context.shared().registry;
  const std::string id(call.Parameter("id"));
  const std::string if_match(call.exchange.request().Find("if-match"));
  const auto after = std::make_shared<std::string>();
  Registry::Make make = [id, if_match, after, review = std::move(review), &registry](
                            Store& store, const StoredState&) -> Result<StoreChange> {
    const Result<std::string> kept = LoadMatching(store, id, if_match);
    if (!kept) return kept.error();
    Result<Proposal> proposal = ReadProposal(*kept);
    if (!proposal) return std::move(proposal).error();
    Result<StoreChange> change = review(*registry.Current(), &*proposal);
    if (!change) return change;
    change->put_proposals = {RecordOf(*proposal)};
    *after = change->put_proposals[0].json;
    return change;
  };
  Result<ChangeMade> made = co_await ChangeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, std::move(made).error());
  call.exchange.SetHeader("etag", TagOfProposal(*after));
  std::string reply = WithRevision(std::move(*after), made->revision);
  co_await SendJson(call, std::move(reply));
}

Task<void> Change(ApiCall& call, ApiContext& context) {
  Result<ProposalEdit> edit = ReadProposalEdit(call.exchange.TakeBody());
  if (!edit) co_return co_await SendError(call, std::move(edit).error());
  Review review = [edit = *std::move(edit)](const Snapshot& snapshot,
                                            Proposal* proposal) -> Result<StoreChange> {
    const Status edited = EditProposal(edit, snapshot, proposal);
    return edited ? Result<StoreChange>(StoreChange()) : edited.error();
  };
  co_await Apply(call, context, std::move(review));
}

Task<void> Accept(ApiCall& call, ApiContext& context) {
  Result<Acceptance> acceptance = ReadAcceptance(call.exchange.TakeBody());
  if (!acceptance) co_return co_await SendError(call, std::move(acceptance).error());
  Review review = [acceptance = *std::move(acceptance)](const Snapshot& snapshot,
                                                        Proposal* proposal) {
    return AcceptProposal(acceptance, snapshot, proposal);
  };
  co_await Apply(call, context, std::move(review));
}

Task<void> Reject(ApiCall& call, ApiContext& context) {
  Status nothing = ReadNothing(call.exchange.TakeBody());
  if (!nothing) co_return co_await SendError(call, std::move(nothing).error());
  Review review = [](const Snapshot&, Proposal* proposal) -> Result<StoreChange> {
    const Status rejected = RejectProposal(proposal);
    return rejected ? Result<StoreChange>(StoreChange()) : rejected.error();
  };
  co_await Apply(call, context, std::move(review));
}

Task<void> RemoveProposal(ApiCall& call, ApiContext& context) {
  const std::string id(call.Parameter("id"));
  const std::string if_match(call.exchange.request().Find("if-match"));
  Registry::Make make = [id, if_match](Store& store, const StoredState&) -> Result<StoreChange> {
    const Result<std::string> kept = LoadMatching(store, id, if_match);
    if (!kept) return kept.error();
    StoreChange change;
    change.remove_proposals = {id};
    return change;
  };
  Result<ChangeMade> made = co_await ChangeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, std::move(made).error());
  std::string out = "{\"id\":";
  json::AppendQuoted(id, &out);
  out += ",\"removed\":true,\"revision\":" + std::to_string(made->revision) + "}";
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddVocabularyRoutes(RouteTable& table, ApiContext& context) {
  const auto add = [&](std::string_view method, const std::string& path,
                       Task<void> (*handle)(ApiCall&, ApiContext&)) {
    table.Add(method, path, method == "GET" ? Access::kRead : Access::kAdmin,
              [&context, handle](ApiCall& call) { return handle(call, context); });
  };
  const std::string one(kOne);
  add("POST", std::string(kProposalsPath), Propose);
  add("GET", std::string(kProposalsPath), List);
  add("GET", one, Get);
  add("PATCH", one, Change);
  add("DELETE", one, RemoveProposal);
  add("POST", one + "/accept", Accept);
  add("POST", one + "/reject", Reject);
}

}  // namespace moerge::api
