#include "adapters/backend_headers.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "config/base/text.h"
#include "config/yaml/environment.h"

namespace moerge {
namespace {

// RFC 3986: all but the unreserved characters.
void AppendEncoded(std::string_view text, std::string* out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      *out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    *out += '%';
    *out += kDigits[byte >> 4];
    *out += kDigits[byte & 15];
  }
}

}  // namespace

void AddHeader(OutboundRequest* request, std::string_view name, std::string value) {
  const bool there = std::ranges::any_of(request->headers, [name](const auto& header) {
    return EqualsIgnoreCase(header.first, name);
  });
  if (!there) request->headers.emplace_back(name, std::move(value));
}

void AddBackendHeaders(const Backend& backend, OutboundRequest* request) {
  for (const auto& [name, value] : backend.headers) {
    if (auto sent = SentValue(value)) request->headers.emplace_back(name, *std::move(sent));
  }
}

std::string WithQuery(const Backend& backend, std::string url) {
  char separator = url.find('?') == url.npos ? '?' : '&';
  for (const auto& [name, value] : backend.query) {
    const std::optional<std::string> sent = SentValue(value);
    if (!sent) continue;
    url += std::exchange(separator, '&');
    AppendEncoded(name, &url);
    url += '=';
    AppendEncoded(*sent, &url);
  }
  return url;
}

std::vector<Secret> SentSecrets(const Backend& backend) {
  std::vector<Secret> secrets;
  for (const auto* values : {&backend.headers, &backend.query}) {
    for (const auto& each : *values) {
      if (VariablesIn(each.second).empty()) continue;
      if (auto sent = SentValue(each.second)) secrets.emplace_back(*std::move(sent));
    }
  }
  for (const NamedVariable& variable : VariablesOf(backend)) {
    const char* text = std::getenv(variable.name.c_str());
    const std::string_view value = text == nullptr ? std::string_view() : Trim(text);
    if (!value.empty()) secrets.emplace_back(std::string(value));
  }
  return secrets;
}

}  // namespace moerge
