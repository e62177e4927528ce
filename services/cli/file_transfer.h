// Files of any size to and from a running moerge, for commands: memory does not grow with them.
// Blocking; not thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "config/base/result.h"
#include "services/cli/api_client.h"

namespace moerge::cli {

// Uploads a file for a batch; the API's reply. Errors: the file cannot be read; as CallApi's.
Result<std::string> UploadFile(const ServerAddress& server, const std::string& path);

// Hands on the body of a reply to GET `path` as it comes. Errors: `take`'s; as CallApi's.
Status Download(const ServerAddress& server, std::string_view path,
                const std::function<Status(std::string_view)>& take);

}  // namespace moerge::cli
