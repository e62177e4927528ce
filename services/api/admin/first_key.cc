// /first/TOKEN: the link that `moerge serve` prints where others can reach a server without a key.
// Its page gives the first key, once, and a session with it.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "config/base/hash.h"
#include "config/base/log.h"
#include "config/base/random.h"
#include "services/access/first_link.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/plain_page.h"
#include "services/api/error.h"
#include "services/api/page_session.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

// `body` is HTML and holds nothing of the request.
Task<void> SendFirstPage(ApiCall& call, int status, std::string body) {
  http::Reply reply = PlainReply("text/html; charset=utf-8",
                                 PlainPage("moerge: the first key", body), PageForm::kHere);
  reply.status = status;
  (void)co_await call.exchange.Send(std::move(reply));
}

Task<void> SendUsedUp(ApiCall& call) {
  std::string body =
      "<h1>This link is not good</h1>\n<p>It was used, or the server was started again since. "
      "Where nobody has used one, the start prints a new link.</p>\n";
  co_await SendFirstPage(call, 404, std::move(body));
}

// Programs that look at links before people do must not use it up.
Task<void> ShowFirst(ApiCall& call, ApiContext& context) {
  if (!context.shared().access->first.Is(call.Parameter("token")))
    co_return co_await SendUsedUp(call);
  std::string body =
      "<h1>Take over this moerge</h1>\n<p>It has no key yet. The first one administers it.</p>\n"
      "<form method=\"post\"><button>Make the first key</button></form>\n";
  co_await SendFirstPage(call, 200, std::move(body));
}

Registry::Make FirstKeyChange(std::shared_ptr<ApiKey> key, Registry& registry) {
  return [key, &registry](Store&, const StoredState&) -> Result<StoreChange> {
    if (!WantsFirstKey(registry.Current()->keys)) {
      return Error{ErrorCode::kConflict, "there is a key by now"};
    }
    StoreChange change;
    change.put_keys = {*key};
    return change;
  };
}

Task<void> UseFirst(ApiCall& call, ApiContext& context) {
  AccessState& access = *context.shared().access;
  const std::string token(call.Parameter("token"));
  if (!access.first.Take(token)) co_return co_await SendUsedUp(call);
  const std::string secret = "moerge-" + RandomToken();
  const auto key = std::make_shared<ApiKey>(UnusedFirstKey());
  key->description = "of the link that the first start printed";
  key->sha256 = Sha256Hex(secret);
  Registry& registry = context.shared().registry;
  Registry::Make make = FirstKeyChange(key, registry);
  ChangeAuthor by = AuthorOf(call);
  by.who = kFirstKey;
  const Result<std::uint64_t> made =
      co_await ChangeRegistry(registry, std::move(by), std::move(make));
  if (!made) {
    access.first.GiveBack(token);
    co_return co_await SendError(call, made.error());
  }
  LogInfo("the first key was made", {{"key", kFirstKey}, {"peer", call.exchange.request().peer}});
  const std::string id = access.sessions.Open(*key, Sessions::Clock::now());
  call.exchange.SetHeader("set-cookie", SessionCookie(call.exchange.request(), id));
  std::string body = "<h1>The first key</h1>\n<p>It is shown here alone, and once: <code>" +
                     secret +
                     "</code></p>\n<p>This browser is logged in. <a href=\"/ui/\">Go on to the "
                     "dashboard</a>, where you can make more keys.</p>\n";
  co_await SendFirstPage(call, 200, std::move(body));
}

}  // namespace

void AddFirstKeyRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/first/{token}", Access::kOpen,
            [&context](ApiCall& call) { return ShowFirst(call, context); });
  table.Add("POST", "/first/{token}", Access::kOpen,
            [&context](ApiCall& call) { return UseFirst(call, context); });
}

}  // namespace moerge::api
