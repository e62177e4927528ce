// Keys as entities: made, limited, rotated, revoked. Their text is shown once, to whoever makes
// them; kept is its hash.
#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "config/base/random.h"
#include "config/base/text.h"
#include "registry/change_check.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/admin/paging.h"
#include "services/api/decision_row.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/store_call.h"

namespace moerge::api {

template <>
struct EntityKind<ApiKey> {
  static constexpr std::string_view kName = "key";
  static const std::vector<ApiKey>& List(const Snapshot& s) { return s.keys; }
  static const ApiKey& Spec(const ApiKey& entry) { return entry; }
  static const ApiKey* Find(const Snapshot& s, std::string_view name) { return s.FindKey(name); }
  static Status Check(const ApiKey& key, const Snapshot&) { return Validate(key); }
};

namespace {

constexpr std::string_view kPath = "/api/v1/keys";
constexpr std::string_view kOneKey = "/api/v1/keys/{name}";
constexpr std::size_t kMostKeys = 10'000;

std::string WithoutMember(std::string_view object, std::string_view name) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  const Result<json::Document> document = json::Document::Parse(object);
  if (document) {
    for (const json::Value member : document->root().children()) {
      if (member.key() != name) writer.Key(member.key()).Raw(member.raw());
    }
  }
  writer.EndObject();
  return out;
}

// All but the hash, and what it has taken lately.
std::string ShownKey(const ApiShared& shared, const ApiKey& key) {
  std::string json = WithoutMember(EntityJson(key), "sha256");
  json.pop_back();
  json += ",\"usage\":";
  json::Writer writer(&json);
  const auto account = shared.access->accounts.Find(key.name);
  if (account == nullptr) {
    writer.Null();
    return json + "}";
  }
  const KeyAccount::Quotas left = account->Left(KeyAccount::Clock::now());
  const KeyAccount::Spent spent = account->SpentBy(std::chrono::system_clock::now());
  writer.BeginObject().Field("in_flight", left.in_flight);
  const auto remaining = [&](std::string_view field, const KeyAccount::Quota& quota) {
    writer.Key(field);
    quota.limit > 0 ? writer.Int(quota.remaining) : writer.Null();
  };
  remaining("requests_left", left.requests);
  remaining("tokens_left", left.tokens);
  writer.Key("spent_usd_day").Fixed(spent.day_usd, kUsdDigits);
  writer.Key("spent_usd_month").Fixed(spent.month_usd, kUsdDigits).EndObject();
  return json + "}";
}

// A name stands in the path as one part.
Status CheckKeyName(std::string_view name) {
  const bool fine = !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '@';
  }) && name.find_first_not_of('.') != name.npos;
  if (fine) return Ok{};
  return FieldError("name", "1 to 128 characters of A-Z a-z 0-9 . _ @ -");
}

bool IsUsableAdmin(const ApiKey& key, std::chrono::system_clock::time_point now) {
  return key.role == Role::kAdmin && (!key.expires || *key.expires > now);
}

// Where keys are, one must be there that administers: otherwise nobody could change anything over
// the API any more. Where other machines reach the server, keys must be. `after` replaces the key
// of that name; null: that goes.
Status CheckSomeoneAdministers(const Config& config, const Snapshot& snapshot,
                               const std::string& name, const ApiKey* after) {
  const auto now = std::chrono::system_clock::now();
  bool any = after != nullptr;
  bool admin = after != nullptr && IsUsableAdmin(*after, now);
  for (const ApiKey& key : snapshot.keys) {
    if (key.name == name) continue;
    any = true;
    admin = admin || IsUsableAdmin(key, now);
  }
  if (admin || (!any && IsLoopback(config.server.host))) return Ok{};
  return Error{.code = ErrorCode::kConflict,
               .message =
                   "without a key with the role `admin` (that has not expired) nobody could "
                   "administer this server any more; make one first",
               .param = "role",
               .reason = "last_admin"};
}

// What moerge itself writes cannot be sent, but for what GET gave.
Result<ApiKey> BodyOverKey(std::string_view body, ApiKey base) {
  const auto document = ParseObject(body);
  if (!document) return document.error();
  for (const json::Value member : document->root().children()) {
    const std::string key(member.key());
    if (key == "usage" || key == "created") continue;
    if (key == "sha256" || key == "secret" || key == "key") {
      return Error{.code = ErrorCode::kInvalid,
                   .message = "`" + key +
                              "` is not for the client to say: moerge makes the key's "
                              "text and shows it once",
                   .param = key};
    }
    if (Status applied = ApplyMember(member, &base); !applied) return std::move(applied).error();
  }
  return base;
}

std::string NewSecret() { return "moerge-" + RandomToken(); }

// What a change of a key is worked out from, on the store thread; gives the key as it is to be,
// null: it goes.
using KeyChange = std::function<Result<std::optional<ApiKey>>(const Snapshot&)>;

Result<StoreChange> ChangeOfKey(const KeyChange& work, const Config& config,
                                const std::string& name, const Snapshot& snapshot) {
  Result<std::optional<ApiKey>> key = work(snapshot);
  if (!key) return std::move(key).error();
  const ApiKey* after = key->has_value() ? &**key : nullptr;
  if (Status stays = CheckSomeoneAdministers(config, snapshot, name, after); !stays) {
    return std::move(stays).error();
  }
  StoreChange change;
  if (after == nullptr) {
    change.remove_keys = {name};
  } else {
    change.put_keys = {*after};
  }
  return change;
}

// Whether the change is made (not: with dry_run it is checked alone). Errors are the change's.
Task<Result<bool>> DoKeyChange(ApiCall& call, ApiContext& context, std::string name,
                               KeyChange work) {
  const Result<bool> dry = WantsDryRun(call.exchange.request());
  if (!dry) co_return dry.error();
  Registry& registry = context.shared().registry;
  if (*dry) {
    const SnapshotPtr snapshot = registry.Current();
    const Result<StoreChange> change = ChangeOfKey(work, *call.config, name, *snapshot);
    if (!change) co_return change.error();
    if (Status sound = CheckChange(*change, *snapshot, call.config->file); !sound) {
      co_return std::move(sound).error();
    }
    call.exchange.SetHeader("x-moerge-dry-run", "true");
    co_return false;
  }
  Registry::Make make = [work = std::move(work), name, config = call.config, &registry](
                            Store&, const StoredState&) {
    return ChangeOfKey(work, *config, name, *registry.Current());
  };
  const Result<std::uint64_t> revision =
      co_await ChangeRegistry(registry, AuthorOf(call), std::move(make));
  if (!revision) co_return revision.error();
  co_return true;
}

// The key as it is in force, with its text if it has just got one.
Task<void> SendKey(ApiCall& call, ApiContext& context, const ApiKey& key, std::string secret,
                   int status) {
  call.exchange.SetHeader("etag", TagOf(key));
  call.exchange.SetHeader("cache-control", "no-store");
  std::string json = ShownKey(context.shared(), key);
  if (!secret.empty()) {
    json.pop_back();
    json += ",\"secret\":";
    json::AppendQuoted(secret, &json);
    json += "}";
  }
  co_await SendJson(call, std::move(json), status);
}

Task<void> CreateKey(ApiCall& call, ApiContext& context) {
  const std::string body = call.exchange.TakeBody();
  Result<ApiKey> read = BodyOverKey(body, ApiKey());
  if (!read) co_return co_await SendError(call, std::move(read).error());
  if (Status named = CheckKeyName(read->name); !named) {
    co_return co_await SendError(call, std::move(named).error());
  }
  std::string secret = NewSecret();
  read->sha256 = Sha256Hex(secret);
  read->created = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  read->origin = Origin::kStore;
  const ApiKey key = *std::move(read);
  KeyChange work = [key](const Snapshot& snapshot) -> Result<std::optional<ApiKey>> {
    if (snapshot.FindKey(key.name) != nullptr) return AlreadyThere<ApiKey>(key.name);
    if (snapshot.keys.size() >= kMostKeys) {
      return Error{ErrorCode::kConflict, "there are as many keys as there may be"};
    }
    if (Status valid = Validate(key); !valid) return std::move(valid).error();
    return std::optional(key);
  };
  const Result<bool> made = co_await DoKeyChange(call, context, key.name, std::move(work));
  if (!made) co_return co_await SendError(call, made.error());
  if (!*made) secret.clear();
  co_await SendKey(call, context, key, std::move(secret), *made ? 201 : 200);
}

// PATCH and rotate: the path's key, changed.
Task<void> ChangeKey(ApiCall& call, ApiContext& context,
                     std::function<Result<ApiKey>(const ApiKey&)> edit, std::string secret) {
  const std::string name(call.Parameter("name"));
  const std::string if_match(call.exchange.request().Find("if-match"));
  const auto after = std::make_shared<ApiKey>();
  KeyChange work = [name, if_match, after, edit = std::move(edit)](
                       const Snapshot& snapshot) -> Result<std::optional<ApiKey>> {
    const ApiKey* old = snapshot.FindKey(name);
    if (old == nullptr) return NoSuchEntity<ApiKey>(snapshot, name);
    if (Status match = CheckMatch(if_match, TagOf(*old)); !match) return std::move(match).error();
    Result<ApiKey> key = edit(*old);
    if (!key) return std::move(key).error();
    if (key->name != name) return Renamed(name);
    key->origin = Origin::kStore;
    if (Status valid = Validate(*key); !valid) return std::move(valid).error();
    *after = *key;
    return std::optional(*std::move(key));
  };
  const Result<bool> made = co_await DoKeyChange(call, context, name, std::move(work));
  if (!made) co_return co_await SendError(call, made.error());
  if (!*made) secret.clear();
  co_await SendKey(call, context, *after, std::move(secret), 200);
}

Task<void> PatchKey(ApiCall& call, ApiContext& context) {
  std::function<Result<ApiKey>(const ApiKey&)> edit =
      [body = call.exchange.TakeBody()](const ApiKey& old) { return BodyOverKey(body, old); };
  co_await ChangeKey(call, context, std::move(edit), std::string());
}

// The old text opens nothing from then on, nor do its sessions.
Task<void> RotateKey(ApiCall& call, ApiContext& context) {
  Status nothing = ReadNothing(call.exchange.TakeBody());
  if (!nothing) co_return co_await SendError(call, std::move(nothing).error());
  std::string secret = NewSecret();
  std::function<Result<ApiKey>(const ApiKey&)> edit =
      [sha256 = Sha256Hex(secret)](const ApiKey& old) -> Result<ApiKey> {
    ApiKey key = old;
    key.sha256 = sha256;
    return key;
  };
  co_await ChangeKey(call, context, std::move(edit), std::move(secret));
}

Task<void> RevokeKey(ApiCall& call, ApiContext& context) {
  const std::string name(call.Parameter("name"));
  const std::string if_match(call.exchange.request().Find("if-match"));
  KeyChange work = [name, if_match](const Snapshot& snapshot) -> Result<std::optional<ApiKey>> {
    const ApiKey* old = snapshot.FindKey(name);
    if (old == nullptr) return NoSuchEntity<ApiKey>(snapshot, name);
    if (Status match = CheckMatch(if_match, TagOf(*old)); !match) return std::move(match).error();
    return std::optional<ApiKey>();
  };
  const Result<bool> made = co_await DoKeyChange(call, context, name, std::move(work));
  if (!made) co_return co_await SendError(call, made.error());
  std::string out = "{\"name\":";
  json::AppendQuoted(name, &out);
  out += ",\"removed\":true,\"revision\":" +
         std::to_string(context.shared().registry.Current()->revision) + "}";
  co_await SendJson(call, std::move(out));
}

Task<void> ListKeys(ApiCall& call, ApiContext& context) {
  const Result<Page> page = ReadPage(call.exchange.request());
  if (!page) co_return co_await SendError(call, page.error());
  const SnapshotPtr snapshot = context.shared().registry.Current();
  const auto spec_of = [](const ApiKey& key) -> const ApiKey& { return key; };
  const auto write = [&context](const ApiKey& key, json::Writer& writer) {
    writer.Raw(ShownKey(context.shared(), key));
  };
  std::string out = PageJson(*page, snapshot->revision, snapshot->keys, spec_of, write);
  co_await SendJson(call, std::move(out));
}

Task<void> GetKey(ApiCall& call, ApiContext& context) {
  const SnapshotPtr snapshot = context.shared().registry.Current();
  const ApiKey* key = snapshot->FindKey(call.Parameter("name"));
  if (key == nullptr) {
    Error missing = NoSuchEntity<ApiKey>(*snapshot, call.Parameter("name"));
    co_return co_await SendError(call, std::move(missing));
  }
  co_await SendKey(call, context, *key, std::string(), 200);
}

}  // namespace

void AddKeyRoutes(RouteTable& table, ApiContext& context) {
  const auto add = [&](std::string_view method, std::string_view path, Access access,
                       Task<void> (*handle)(ApiCall&, ApiContext&)) {
    table.Add(method, path, access,
              [&context, handle](ApiCall& call) { return handle(call, context); });
  };
  add("GET", kPath, Access::kRead, ListKeys);
  add("POST", kPath, Access::kAdmin, CreateKey);
  add("GET", kOneKey, Access::kRead, GetKey);
  add("PATCH", kOneKey, Access::kAdmin, PatchKey);
  add("DELETE", kOneKey, Access::kAdmin, RevokeKey);
  add("POST", std::string(kOneKey) + "/rotate", Access::kAdmin, RotateKey);
}

}  // namespace moerge::api
