#include <arpa/inet.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/text.h"
#include "config/sections/sections.h"

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
  in.Done();
}

}  // namespace

void ReadServer(FieldReader& top, Config* config, ReadContext*) {
  ServerConfig& server = config->server;
  FieldReader in = top.Section("server");
  ReadListen(in, &server);
  in.Whole("threads", &server.threads, 0, 1024);
  in.Size("max_body", &server.max_body_bytes, 1 << 10, std::size_t{2} << 30);
  in.Size("max_header", &server.max_header_bytes, 1 << 10, 16 << 20);
  in.Whole("max_connections", &server.max_connections, 1, 1 << 20);
  in.Duration("header_timeout", &server.header_timeout, 10ms, 1h);
  in.Duration("body_timeout", &server.body_timeout, 10ms, 24h);
  in.Duration("idle_timeout", &server.idle_timeout, 10ms, 24h);
  in.Duration("request_timeout", &server.request_timeout, 10ms, 24h);
  in.Duration("shutdown_grace", &server.shutdown_grace, 0ms, 1h);
  ReadLog(in.Section("log"), &server);
  in.Done();
}

void ReadSandbox(FieldReader& top, Config* config, ReadContext*) {
  SandboxConfig& sandbox = config->sandbox;
  FieldReader in = top.Section("sandbox");
  in.Flag("enabled", &sandbox.enabled);
  in.Whole("parallel", &sandbox.parallel, 1, 16);
  in.Whole("queue", &sandbox.queue, 0, 10'000);
  in.Duration("max_timeout", &sandbox.max_timeout, 100ms, 60s);
  in.Size("memory", &sandbox.memory_bytes, std::size_t{64} << 20, std::size_t{16} << 30);
  in.Done();
}

bool IsLoopback(const std::string& host) {
  if (host == "::1") return true;
  const std::string_view four =
      host.starts_with("::ffff:") ? std::string_view(host).substr(7) : host;
  return four.starts_with("127.") && IsIp(std::string(four), AF_INET);
}

}  // namespace moerge
