// The table of the HTTP API: method and pattern -> handler and required key.
//
// A pattern is a path whose segments may be parameters: "/api/v1/decisions/{id}/replay". A
// parameter written "{name...}" takes one or more whole segments, since names of experts may hold
// '/'. The match with the most literal segments wins, of those that know the method. HEAD is
// answered by GET's handler. Each group of routes registers itself by one function: `void
// AddChatRoutes(RouteTable&, ApiContext&)`. Owner: one per event loop, with the loop's ApiContext.
// Threads: that loop; Find is const.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/base/deadline.h"
#include "config/base/task.h"
#include "services/http/exchange.h"

namespace moerge {
class KeyAccount;
class Router;
struct ApiKey;
struct Config;
}  // namespace moerge

namespace moerge::api {

enum class Access {
  kOpen,       // without a key: health, the dashboard's files
  kInference,  // keys with the role inference or admin
  kRead,       // read or admin
  kAdmin,      // admin
};

// What a handler leaves for the log line of its request. Views outlive the request or are names
// kept for ever; empty ones are not logged.
struct CallNotes {
  std::string policy = {};  // empty: nothing was routed
  std::string_view expert = {};
  std::string_view skill = {};
  std::string decision = {};
  std::string error = {};
  int attempts = 0;
  double overhead_ms = 0;
};

// One request on its way through a handler. Outlives the handler's coroutine.
struct ApiCall {
  http::Exchange& exchange;
  std::vector<std::pair<std::string_view, std::string>> parameters;  // of the pattern
  std::string request_id;
  std::string key_name;  // of the caller's key; empty: open access
  Deadline deadline = Deadline::Never();
  std::chrono::steady_clock::time_point begin = {};
  bool open = false;  // the route needs no key
  // In force when the request came; it is served by these to its end.
  std::shared_ptr<const Router> router = nullptr;
  std::shared_ptr<const Config> config = nullptr;
  CallNotes notes = {};
  // Of the caller, in the router's snapshot; null: open access.
  const ApiKey* key = nullptr;
  std::shared_ptr<KeyAccount> account = nullptr;  // null: the key has no limits
  // Where SendJson leaves a copy of a success; null: nowhere.
  http::Reply* kept_reply = nullptr;

  // Value of a parameter of the pattern; empty if the pattern has none of that name.
  std::string_view Parameter(std::string_view name) const;
};

using RouteHandler = std::function<Task<void>(ApiCall&)>;

struct Route {
  std::string method;
  std::string pattern;
  Access access = Access::kAdmin;
  RouteHandler handle;
  bool streams_body = false;  // it reads the body as it arrives, where that is a form
};

// Without doubled slashes and one at the end, which clients' base addresses bring in.
std::string CanonicalPath(std::string_view path);

class RouteTable {
 public:
  // REQUIRES: the pair of method and pattern is new; `handle` outlives no call.
  void Add(std::string_view method, std::string_view pattern, Access access, RouteHandler handle);

  // REQUIRES: there is such a route.
  void StreamBody(std::string_view method, std::string_view pattern);

  struct Match {
    const Route* route = nullptr;
    std::vector<std::pair<std::string_view, std::string>> parameters;
    std::string allow;  // without a route: the path's methods for a 405; empty: 404
  };
  // `path` is percent-decoded and canonical. One without /v1 in front is meant with it if that
  // leads somewhere and nothing else does.
  Match Find(std::string_view method, std::string_view path) const;

  const std::deque<Route>& routes() const { return routes_; }

 private:
  struct Shape {
    std::vector<std::string> segments;
    std::vector<const Route*> by_method;
    int literals = 0;
  };
  struct PathHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view path) const {
      return std::hash<std::string_view>{}(path);
    }
  };
  Match FindAsIs(std::string_view method, std::string_view path) const;
  static const Route* Pick(const std::vector<const Route*>& routes, std::string_view method);
  void FindPattern(std::string_view method, std::string_view path,
                   std::set<std::string_view> methods, Match* match) const;

  std::deque<Route> routes_;
  std::unordered_map<std::string, std::vector<const Route*>, PathHash, std::equal_to<>> literal_;
  std::vector<Shape> shapes_;  // with parameters, most literal segments first
};

}  // namespace moerge::api
