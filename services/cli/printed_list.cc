#include "services/cli/printed_list.h"

#include <cstdio>

#include "services/cli/cli.h"

namespace moerge::cli {

int PrintList(const ServerAddress& server, const std::string& path, bool as_json,
              const std::function<void(json::Value)>& print, const char* none) {
  const Result<std::string> body = CallApi(server, "GET", path);
  if (!body) return Fail(body.error().message);
  if (as_json) {
    std::printf("%s\n", body->c_str());
    return kSuccess;
  }
  const Result<json::Document> document = json::Document::Parse(*body);
  if (!document) return Fail(document.error().message);
  bool any = false;
  for (const json::Value item : document->root().Find("data").children()) {
    if (any) std::printf("\n");
    any = true;
    print(item);
  }
  if (!any) std::printf("%s\n", none);
  return kSuccess;
}

}  // namespace moerge::cli
