#include "services/api/page_guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "config/base/text.h"

namespace moerge::api {
namespace {

constexpr std::size_t kLongestShown = 128;

std::string Shown(std::string_view text) { return std::string(text.substr(0, kLongestShown)); }

Error Refused(std::string message, std::string reason) {
  return Error{
      .code = ErrorCode::kForbidden, .message = std::move(message), .reason = std::move(reason)};
}

bool IsPortOrNothing(std::string_view text) {
  if (text.empty()) return true;
  return text.front() == ':' && text.find_first_not_of("0123456789", 1) == text.npos;
}

bool IsLoopbackV6(std::string_view text) {
  in6_addr address;
  if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) return false;
  if (IN6_IS_ADDR_LOOPBACK(&address)) return true;
  return IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127;
}

bool IsLoopbackHost(std::string_view host) {
  in_addr address;
  if (inet_pton(AF_INET, std::string(host).c_str(), &address) == 1) return host.starts_with("127.");
  if (host.ends_with('.')) host.remove_suffix(1);
  constexpr std::string_view kName = "localhost";
  if (host.size() < kName.size()) return false;
  const std::string_view before = host.substr(0, host.size() - kName.size());
  if (!EqualsIgnoreCase(host.substr(before.size()), kName)) return false;
  return before.empty() || (before.size() > 1 && before.ends_with('.'));
}

// What a target in absolute form names: it counts in place of Host.
std::string_view AuthorityOf(std::string_view target) {
  if (target.starts_with('/')) return {};
  const std::size_t scheme = target.find("://");
  if (scheme == target.npos) return {};
  const std::string_view rest = target.substr(scheme + 3);
  return rest.substr(0, rest.find_first_of("/?#"));
}

bool HasListedAuthority(const ServerConfig& config, std::string_view authority) {
  return std::any_of(
      config.allow_origins.begin(), config.allow_origins.end(), [&](std::string_view origin) {
        const std::size_t scheme = origin.find("://");
        return scheme != origin.npos && EqualsIgnoreCase(origin.substr(scheme + 3), authority);
      });
}

// A program of HTTP/1.0 may name nothing; a browser always does.
bool MayBeCalled(const ServerConfig& config, std::string_view authority) {
  return authority.empty() || IsLoopbackAuthority(authority) ||
         HasListedAuthority(config, authority);
}

Error WrongHost(std::string_view authority) {
  return Refused("this server has no keys, so only this machine may call it, and `" +
                     Shown(authority) +
                     "` is no name of this machine: call it as localhost, 127.0.0.1 or [::1] (a "
                     "proxy in front must send such a Host), or configure `keys`",
                 "host_not_allowed");
}

Error WrongOrigin(std::string_view origin) {
  return Refused("web pages of `" + Shown(origin) +
                     "` may not call this server; list that origin in the configuration under "
                     "`server.allow_origins` to let them",
                 "origin_not_allowed");
}

// moerge's own pages: what a browser calls their origin is the name that it called.
bool IsOwnOrigin(std::string_view origin, std::string_view host) {
  constexpr std::string_view kScheme = "http://";
  return origin.starts_with(kScheme) && EqualsIgnoreCase(origin.substr(kScheme.size()), host);
}

// A link to the dashboard that somebody follows: it shows the page, whose files hold nothing, and
// the page that has the link sees none of it.
bool FollowsLinkToPage(const http::Request& request) {
  const bool read = request.method == "GET" || request.method == "HEAD";
  const bool page =
      request.path == "/" || request.path == "/ui" || request.path.starts_with("/ui/");
  return read && page && EqualsIgnoreCase(request.Find("sec-fetch-mode"), "navigate") &&
         EqualsIgnoreCase(request.Find("sec-fetch-dest"), "document");
}

bool IsTokenList(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~, ").find(c) != std::string_view::npos;
  });
}

}  // namespace

bool IsLoopbackAuthority(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end != authority.npos && IsPortOrNothing(authority.substr(end + 1)) &&
           IsLoopbackV6(authority.substr(1, end - 1));
  }
  const std::size_t colon = std::min(authority.find(':'), authority.size());
  return IsPortOrNothing(authority.substr(colon)) && IsLoopbackHost(authority.substr(0, colon));
}

bool IsAllowedOrigin(const ServerConfig& config, std::string_view origin, bool keyed) {
  return std::any_of(
      config.allow_origins.begin(), config.allow_origins.end(),
      [&](std::string_view listed) { return listed == "*" ? keyed : listed == origin; });
}

Status CheckPage(const ServerConfig& config, const http::Request& request) {
  const std::string_view host = request.Find("host");
  if (!MayBeCalled(config, host)) return WrongHost(host);
  const std::string_view target = AuthorityOf(request.target);
  if (!MayBeCalled(config, target)) return WrongHost(target);
  const std::string_view origin = request.Find("origin");
  if (!origin.empty()) {
    if (IsOwnOrigin(origin, host) || IsAllowedOrigin(config, origin, false)) return Ok{};
    return WrongOrigin(origin);
  }
  if (FollowsLinkToPage(request)) return Ok{};
  // Browsers send no origin where a page only embeds or follows an address.
  if (EqualsIgnoreCase(request.Find("sec-fetch-site"), "cross-site")) {
    return WrongOrigin("another site");
  }
  return Ok{};
}

bool DeclaresJson(const http::Request& request) {
  if (request.body.empty()) return true;
  const std::string_view field = request.Find("content-type");
  const std::string type = LowerAscii(Trim(field.substr(0, field.find(';'))));
  if (!type.starts_with("application/")) return false;
  return type.ends_with("/json") || type.ends_with("+json") || type.ends_with("/x-ndjson") ||
         type.ends_with("/jsonl");
}

void AllowPage(const ServerConfig& config, bool keyed, http::Exchange* exchange) {
  if (config.allow_origins.empty()) return;
  exchange->SetHeader("vary", "Origin");
  const std::string_view origin = exchange->request().Find("origin");
  if (origin.empty() || !IsAllowedOrigin(config, origin, keyed)) return;
  exchange->SetHeader("access-control-allow-origin", std::string(origin));
  exchange->SetHeader("access-control-expose-headers", "*");
}

bool IsPreflight(const http::Request& request) {
  return request.method == "OPTIONS" && !request.Find("origin").empty() &&
         !request.Find("access-control-request-method").empty();
}

http::Reply PreflightReply(const http::Request& request) {
  http::Reply reply;
  reply.status = 204;
  reply.content_type.clear();
  reply.headers.emplace_back("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
  const std::string_view wanted = request.Find("access-control-request-headers");
  if (!wanted.empty() && IsTokenList(wanted)) {
    reply.headers.emplace_back("access-control-allow-headers", wanted);
  }
  if (request.Find("access-control-request-private-network") == "true") {
    reply.headers.emplace_back("access-control-allow-private-network", "true");
  }
  reply.headers.emplace_back("access-control-max-age", "600");
  return reply;
}

}  // namespace moerge::api
