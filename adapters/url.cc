#include "adapters/url.h"

#include <algorithm>
#include <string>

#include "config/base/text.h"

namespace moerge {
namespace {

Error Wrong(std::string_view text, std::string_view what) {
  return Error{ErrorCode::kInvalid, "the URL `" + std::string(text) + "` " + std::string(what)};
}

bool Printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool SplitPort(std::string_view rest, Url* url) {
  if (rest.empty()) return true;
  if (rest.front() != ':') return false;
  const auto port = ParseInt(rest.substr(1));
  if (!port || *port < 1 || *port > 65535) return false;
  url->port = static_cast<std::uint16_t>(*port);
  return true;
}

bool SplitAuthority(Url* url) {
  const std::string_view text = url->authority;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return false;
    url->host = text.substr(1, end - 1);
    return SplitPort(text.substr(end + 1), url);
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  url->host = text.substr(0, colon);
  return SplitPort(text.substr(colon), url);
}

}  // namespace

Result<Url> ParseUrl(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
    url.secure = true;
    url.port = 443;
  } else {
    return Wrong(text, "must begin with http:// or https://");
  }
  if (!Printable(rest)) return Wrong(text, "holds a space, control or non-ASCII character");
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min({rest.find('/'), rest.find('?'), rest.size()});
  url.authority = rest.substr(0, end);
  url.target = rest.substr(end);
  if (url.authority.find('@') != url.authority.npos) {
    return Error{ErrorCode::kInvalid, "a backend's URL must not hold a user name or password"};
  }
  if (!SplitAuthority(&url)) return Wrong(text, "has a malformed host or port");
  if (url.host.empty()) return Wrong(text, "has no host");
  return url;
}

}  // namespace moerge
