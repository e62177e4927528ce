#include "adapters/proxy_rules.h"

#include <cstdlib>

#include "config/base/text.h"

namespace moerge {
namespace {

std::string_view Variable(const char* lower, const char* upper) {
  const char* value = std::getenv(lower);
  if (value == nullptr && upper != nullptr) value = std::getenv(upper);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

ProxyRules::ProxyRules(bool has_proxy, std::string_view exceptions) : has_proxy_(has_proxy) {
  for (const std::string_view item : Split(exceptions, ',')) {
    std::string_view name = Trim(item);
    if (name.starts_with('.')) name.remove_prefix(1);
    if (!name.empty()) exceptions_.push_back(LowerAscii(name));
  }
}

ProxyRules ProxyRules::FromEnvironment() {
  // HTTP_PROXY in capitals is not read: a CGI server sets it from a request's header.
  const bool has_proxy =
      !Variable("http_proxy", nullptr).empty() || !Variable("all_proxy", "ALL_PROXY").empty();
  return ProxyRules(has_proxy, Variable("no_proxy", "NO_PROXY"));
}

bool ProxyRules::Applies(std::string_view host) const {
  if (!has_proxy_) return false;
  const std::string name = LowerAscii(host);
  for (const std::string& exception : exceptions_) {
    if (exception == "*" || exception == name || name.ends_with("." + exception)) return false;
  }
  return true;
}

}  // namespace moerge
