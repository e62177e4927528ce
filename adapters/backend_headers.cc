#include "adapters/backend_headers.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "config/base/text.h"
#include "config/yaml/environment.h"

namespace moerge {
namespace {

std::optional<std::string> Filled(std::string_view value) {
  bool fine = true;
  std::string filled = FillEnvironment(value, [&fine](const std::string&) { fine = false; });
  if (!fine) return std::nullopt;
  return filled;
}

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
    if (auto filled = Filled(value)) request->headers.emplace_back(name, *std::move(filled));
  }
}

std::string WithQuery(const Backend& backend, std::string url) {
  char separator = url.find('?') == url.npos ? '?' : '&';
  for (const auto& [name, value] : backend.query) {
    url += std::exchange(separator, '&');
    AppendEncoded(name, &url);
    url += '=';
    AppendEncoded(value, &url);
  }
  return url;
}

std::vector<Secret> HeaderSecrets(const Backend& backend) {
  std::vector<Secret> secrets;
  for (const auto& [name, value] : backend.headers) {
    const std::vector<std::string> variables = VariablesIn(value);
    if (variables.empty()) continue;
    for (const std::string& variable : variables) {
      const char* text = std::getenv(variable.c_str());
      if (text != nullptr && *text != '\0') secrets.emplace_back(text);
    }
    if (auto filled = Filled(value)) secrets.emplace_back(*std::move(filled));
  }
  return secrets;
}

}  // namespace moerge
