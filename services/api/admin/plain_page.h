// Pages that moerge writes itself, apart from the dashboard: HTML without a script, with a style of
// their own at /docs/style.css. Nothing but that is loaded. Thread-safe, pure.
#pragma once

#include <string>
#include <string_view>

#include "services/http/exchange.h"

namespace moerge::api {

// `title` and `body` are HTML.
std::string PlainPage(std::string_view title, std::string_view body);
std::string PlainStyle();

enum class PageForm {
  kNone,
  kHere,  // it has a form for this server, and holds what no browser is to keep
};
// With the headers that keep the page to itself.
http::Reply PlainReply(std::string content_type, std::string body, PageForm form);

}  // namespace moerge::api
