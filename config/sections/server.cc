#include <arpa/inet.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/text.h"
#include "config/sections/sections.h"
#include "config/yaml/environment.h"

namespace moerge {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kListenHelp =
    "an IP address and a port such as 127.0.0.1:8080 or [::1]:8080 (port 0: any free one; "
    "0.0.0.0 or [::]: every address of this machine)";

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

bool IsIp(const std::string& host, int family) {
  unsigned char bytes[16];
  return inet_pton(family, host.c_str(), bytes) == 1;
}

std::optional<Address> ParseListen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  const auto port = ParseInt(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return std::nullopt;
  std::string host(text.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!IsIp(host, bracketed ? AF_INET6 : AF_INET)) return std::nullopt;
  return Address{host, static_cast<std::uint16_t>(*port)};
}

void ReadListen(FieldReader& in, ServerConfig* server) {
  Address address{server->host, server->port};
  in.Scalar("listen", &address, kListenHelp, ParseListen);
  server->host = address.host;
  server->port = address.port;
}

void ReadLog(FieldReader in, ServerConfig* server) {
  in.Choice<LogLevel>("level", &server->log_level,
                      {{"debug", LogLevel::kDebug},
                       {"info", LogLevel::kInfo},
                       {"warning", LogLevel::kWarning},
                       {"error", LogLevel::kError},
                       {"off", LogLevel::kOff}});
  in.Choice<LogFormat>("format", &server->log_format,
                       {{"text", LogFormat::kText}, {"json", LogFormat::kJson}});
  in.RejectUnknownKeys();
}

constexpr std::string_view kOriginHelp =
    "must be an origin as browsers send it: scheme://host or scheme://host:port in small letters, "
    "without path, final slash or the scheme's own port; or `*` for all";
constexpr std::string_view kVariableHelp =
    "must be the name of an environment variable, or the beginning of names and a `*`";

// The list under `key` in place of the default, each element as `is_fine` wants it.
template <class Test>
void ReadList(FieldReader& in, const std::string& key, std::vector<std::string>* list,
              std::string_view help, Test is_fine) {
  std::vector<std::string> given;
  in.Texts(key, &given);
  if (!in.has(key)) return;
  *list = std::move(given);
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (!is_fine((*list)[i])) {
      in.AddError(key + "[" + std::to_string(i) + "]", std::string(help));
    }
  }
}

// Small letters, digits and `more`; not empty.
bool HoldsOnly(std::string_view text, std::string_view more) {
  const auto fine = [more](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != more.npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fine);
}

// A port that a browser writes: not the one that the scheme means anyway.
bool IsForeignPort(std::string_view text, std::string_view scheme) {
  const auto port = ParseInt(text);
  const bool own = (scheme == "http" && port == 80) || (scheme == "https" && port == 443);
  return port && *port >= 1 && *port <= 65535 && !own && text == std::to_string(*port);
}

bool IsVariablePattern(std::string_view text) {
  if (text.ends_with('*')) text.remove_suffix(1);
  return IsVariableName(text);
}

}  // namespace

void ReadServer(FieldReader& top, Config* config, ReadContext*) {
  ServerConfig& server = config->server;
  FieldReader in = top.Section("server");
  ReadListen(in, &server);
  in.Integer("threads", &server.threads, 0, 1024);
  in.Size("max_body", &server.max_body_bytes, 1 << 10, std::size_t{2} << 30);
  in.Size("max_pending_bodies", &server.max_pending_body_bytes, 1 << 20, std::size_t{1} << 40);
  in.Size("max_file", &server.max_file_bytes, 1 << 10, std::size_t{1} << 40);
  in.Size("max_header", &server.max_header_bytes, 1 << 10, 16 << 20);
  in.Integer("max_connections", &server.max_connections, 1, 1 << 20);
  in.Duration("header_timeout", &server.header_timeout, 10ms, 1h);
  in.Duration("body_timeout", &server.body_timeout, 10ms, 24h);
  in.Duration("idle_timeout", &server.idle_timeout, 10ms, 24h);
  in.Duration("request_timeout", &server.request_timeout, 10ms, 24h);
  in.Duration("shutdown_grace", &server.shutdown_grace, 0ms, 1h);
  ReadList(in, "allow_origins", &server.allow_origins, kOriginHelp,
           [](std::string_view text) { return text == "*" || IsOrigin(text); });
  ReadList(in, "allowed_env", &server.allowed_env, kVariableHelp, IsVariablePattern);
  ReadLog(in.Section("log"), &server);
  in.RejectUnknownKeys();
}

void ReadSandbox(FieldReader& top, Config* config, ReadContext*) {
  SandboxConfig& sandbox = config->sandbox;
  FieldReader in = top.Section("sandbox");
  in.Flag("enabled", &sandbox.enabled);
  in.Integer("parallel", &sandbox.parallel, 1, 16);
  in.Integer("queue", &sandbox.queue, 0, 10'000);
  in.Duration("max_timeout", &sandbox.max_timeout, 100ms, 60s);
  in.Size("memory", &sandbox.memory_bytes, std::size_t{64} << 20, std::size_t{16} << 30);
  in.RejectUnknownKeys();
}

bool IsOrigin(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == text.npos || end == 0 || text.size() > 512) return false;
  const std::string_view scheme = text.substr(0, end);
  if (!HoldsOnly(scheme, "+-.")) return false;
  std::string_view host = text.substr(end + 3);
  const std::size_t colon = host.rfind(':');
  if (colon != host.npos && host.find(']', colon) == host.npos) {
    if (!IsForeignPort(host.substr(colon + 1), scheme)) return false;
    host = host.substr(0, colon);
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return IsIp(std::string(host.substr(1, host.size() - 2)), AF_INET6);
  }
  return HoldsOnly(host, "-_.");
}

bool IsLoopback(const std::string& host) {
  if (host == "::1") return true;
  const std::string_view four =
      host.starts_with("::ffff:") ? std::string_view(host).substr(7) : host;
  return four.starts_with("127.") && IsIp(std::string(four), AF_INET);
}

}  // namespace moerge
