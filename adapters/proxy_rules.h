// Which requests go through a proxy, by the environment variables that curl reads: http_proxy,
// all_proxy, no_proxy. Immutable once made; pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace moerge {

class ProxyRules {
 public:
  // Whether there is a proxy for plain http at all, and the hosts that go without it: a
  // comma-separated list of host names, which stand for their subdomains too, or `*`.
  ProxyRules(bool has_proxy, std::string_view exceptions);
  static ProxyRules FromEnvironment();

  // Whether plain http to `host` goes through a proxy.
  bool Applies(std::string_view host) const;

 private:
  bool has_proxy_;
  std::vector<std::string> exceptions_;
};

}  // namespace moerge
