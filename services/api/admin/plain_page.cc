#include "services/api/admin/plain_page.h"

#include <utility>

namespace moerge::api {

std::string PlainPage(std::string_view title, std::string_view body) {
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>";
  page.append(title).append(
      "</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head>\n<body>\n<main>\n");
  page.append(body).append("</main>\n</body>\n</html>\n");
  return page;
}

std::string PlainStyle() {
  return ":root{color-scheme:light dark}"
         "body{margin:0;font:16px/1.5 system-ui,sans-serif}"
         "main{max-width:72rem;margin:0 auto;padding:1rem}"
         "summary{cursor:pointer;padding:.3rem 0;overflow-wrap:anywhere}"
         "details,section{border-top:1px solid #8885;padding:.2rem 0}"
         "table{border-collapse:collapse;width:100%}"
         "td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;"
         "overflow-wrap:anywhere}"
         "code{font-family:ui-monospace,monospace}";
}

http::Reply PlainReply(std::string content_type, std::string body, PageForm form) {
  const bool here = form == PageForm::kHere;
  const std::string policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action " +
                             std::string(here ? "'self'" : "'none'") + "; frame-ancestors 'none'";
  http::Reply reply;
  reply.content_type = std::move(content_type);
  reply.headers = {{"content-security-policy", policy},
                   {"x-content-type-options", "nosniff"},
                   {"referrer-policy", "no-referrer"},
                   {"cache-control", here ? "no-store" : "no-cache"}};
  reply.body = std::move(body);
  return reply;
}

}  // namespace moerge::api
