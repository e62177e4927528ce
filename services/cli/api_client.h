// A blocking client of a running moerge's API, for commands. Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"

namespace CLI {
class App;
}

namespace moerge::cli {

// Where the server is and how to be let in; filled from the command line.
struct ServerAddress {
  std::string url = "http://127.0.0.1:8080";
  std::string key_env = "MOERGE_API_KEY";  // environment variable that holds the key, if any

  // Adds --server and --key-env to a command.
  void AddOptions(CLI::App& command);
};

// The body of a 2xx reply. Errors: what the API's error object says; for a server that cannot be
// reached, its address and what to do.
Result<std::string> CallApi(const ServerAddress& server, std::string_view method,
                            std::string_view path, std::string_view body = {},
                            std::string_view content_type = "application/json");

// The same in all its parts.
struct ApiRequest {
  std::string_view method = "POST";
  std::string path;
  std::vector<std::string_view> body = {};  // pieces, sent in order; they outlive the call
  std::string content_type = "application/json";
  std::chrono::milliseconds patience = {};  // until the reply begins; 0: as usual
  // Gets the body of a 2xx reply as it comes, which then is not returned; its error ends the call.
  std::function<Status(std::string_view)> take = nullptr;
};
Result<std::string> CallApi(const ServerAddress& server, const ApiRequest& request);

// `count` calls of POST `path` with JSON, at most `at_once` side by side, begun in order.
struct PostBatch {
  std::string_view path;
  std::size_t count = 0;
  std::size_t at_once = 1;
  std::function<std::optional<std::string>(std::size_t)> body;  // nothing: leave this one out
  std::function<void(std::size_t, Result<std::string>)> done;   // as CallApi gives it
};
void PostAll(const ServerAddress& server, const PostBatch& batch);

// `text` as one segment of a path or a value of a query.
std::string PercentEncode(std::string_view text);

}  // namespace moerge::cli
