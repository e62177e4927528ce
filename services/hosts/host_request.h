// What the hosts' HTTP APIs have in common. Threads: the HttpClient's loop.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http_client.h"
#include "config/base/json.h"
#include "config/base/task.h"
#include "config/entities.h"

namespace moerge {

// The base_url without the `/v1` of OpenAI's API.
std::string ServerRoot(const Backend& backend);

// The whole body of a 2xx reply. Errors: as ProtocolClient says of them.
Task<Result<std::string>> GetFromHost(HttpClient& http, const Backend& backend, std::string path,
                                      CallScope scope);
Task<Result<std::string>> PostToHost(HttpClient& http, const Backend& backend, std::string path,
                                     std::string body, CallScope scope);

// {"KEY": "MODEL"} and `more` members, as JSON.
std::string ModelBody(std::string_view key, std::string_view model, std::string_view more = {});

// The `id`s of a list of models in OpenAI's form.
Result<std::vector<std::string>> ModelIds(const Backend& backend, std::string_view body);

// Between two looks at a server that is busy, ever longer.
class LookAgain {
 public:
  // False: the scope's deadline has passed, or it was cancelled.
  Task<bool> Wait(CallScope scope);

 private:
  std::chrono::milliseconds pause_{20};
};
Error TookTooLong(const Backend& backend, const std::string& what, const CallScope& scope);

}  // namespace moerge
