#include "services/dashboard/serve.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/content_decoder.h"
#include "config/base/text.h"
#include "services/api/error.h"
#include "services/dashboard/files.h"

namespace moerge::api {
namespace {

constexpr std::string_view kPage = "index.html";
constexpr std::string_view kAssets = "assets/";
constexpr std::size_t kLargestFile = 16 << 20;
// Scripts, styles and data come from this server alone; nobody frames the page.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

const DashboardFile* FindPageFile(std::string_view path) {
  const auto files = DashboardFiles();
  const auto at = std::ranges::find(files, path, &DashboardFile::path);
  return at == files.end() ? nullptr : &*at;
}

// One element of an Accept-Encoding: whether it names gzip and does not refuse it.
bool NamesGzip(std::string_view element) {
  const std::size_t end = std::min(element.find(';'), element.size());
  const std::string_view coding = Trim(element.substr(0, end));
  if (coding != "*" && !EqualsIgnoreCase(coding, "gzip")) return false;
  const std::size_t weight = element.find("q=", end);
  return weight == element.npos || ParseDouble(Trim(element.substr(weight + 2))).value_or(1) > 0;
}

bool TakesGzip(const http::Request& request) {
  const std::string_view accepted = request.Find("accept-encoding");
  const auto elements = Split(accepted, ',');
  return std::ranges::any_of(elements, NamesGzip);
}

// The same file uncompressed is another representation.
std::string TagOf(const DashboardFile& file, bool gzip) {
  std::string tag(file.etag);
  if (!gzip) tag.insert(tag.size() - 1, "-plain");
  return tag;
}

bool IsKnownToClient(const http::Request& request, std::string_view tag) {
  const std::string_view known = request.Find("if-none-match");
  const auto elements = Split(known, ',');
  return std::ranges::any_of(elements, [tag](std::string_view element) {
    element = Trim(element);
    if (element.starts_with("W/")) element.remove_prefix(2);
    return element == "*" || element == tag;
  });
}

void SetPageHeaders(const DashboardFile& file, const std::string& tag, http::Reply* reply) {
  const char* caching = file.immutable ? "public, max-age=31536000, immutable" : "no-cache";
  reply->headers.insert(reply->headers.end(), {{"etag", tag},
                                               {"cache-control", caching},
                                               {"vary", "Accept-Encoding"},
                                               {"content-security-policy", kPolicy},
                                               {"x-content-type-options", "nosniff"},
                                               {"referrer-policy", "no-referrer"},
                                               {"cross-origin-opener-policy", "same-origin"},
                                               {"cross-origin-resource-policy", "same-origin"}});
}

Result<http::Reply> ReplyWith(const DashboardFile& file, const http::Request& request) {
  const bool gzip = TakesGzip(request);
  const std::string tag = TagOf(file, gzip);
  http::Reply reply;
  SetPageHeaders(file, tag, &reply);
  if (IsKnownToClient(request, tag)) {
    reply.status = 304;
    reply.content_type.clear();
    return reply;
  }
  reply.content_type = file.content_type;
  reply.body.assign(reinterpret_cast<const char*>(file.gzip.data()), file.gzip.size());
  if (gzip) {
    reply.headers.emplace_back("content-encoding", "gzip");
    return reply;
  }
  Result<std::string> plain =
      DecodeContent(ContentDecoder::Coding::kGzip, reply.body, kLargestFile);
  if (!plain) return Error{ErrorCode::kInternal, plain.error().message};
  reply.body = *std::move(plain);
  return reply;
}

Task<void> SendFile(ApiCall& call) {
  const std::string_view path = call.Parameter("path");
  const DashboardFile* file = FindPageFile(path);
  if (file == nullptr && path.starts_with(kAssets)) {
    Error missing{.code = ErrorCode::kNotFound,
                  .message = "the dashboard has no such file; load the page again",
                  .reason = "unknown_path"};
    co_return co_await SendError(call, std::move(missing));
  }
  if (file == nullptr) file = FindPageFile(kPage);
  Result<http::Reply> reply = ReplyWith(*file, call.exchange.request());
  if (!reply) co_return co_await SendError(call, std::move(reply).error());
  (void)co_await call.exchange.Send(*std::move(reply));
}

Task<void> GoToPage(ApiCall& call) {
  http::Reply reply;
  reply.status = 302;
  reply.content_type.clear();
  reply.headers.emplace_back("location", "/ui/");
  reply.headers.emplace_back("cache-control", "no-cache");
  (void)co_await call.exchange.Send(std::move(reply));
}

}  // namespace

void AddDashboardRoutes(RouteTable& table, ApiContext&) {
  table.Add("GET", "/", Access::kOpen, GoToPage);
  table.Add("GET", "/ui", Access::kOpen, SendFile);
  table.Add("GET", "/ui/{path...}", Access::kOpen, SendFile);
}

}  // namespace moerge::api
