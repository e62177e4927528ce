// What a client uploads, on its way to the disk as it arrives: memory does not grow with it.
// Threads: the call's event loop; what blocks is done on the disk's thread.
#pragma once

#include <memory>
#include <string>

#include "services/api/context.h"
#include "services/api/routes.h"
#include "services/jobs/batch.h"
#include "services/jobs/file_room.h"

namespace moerge::api {

// Reads the body of POST /v1/files to its end: `file` has name, purpose and size afterwards, and
// `content` is kept under its id. Errors: kInvalid with the field, kTooLarge (server.max_file),
// of the exchange and of the disk; nothing is kept then.
Task<Status> ReceiveUpload(ApiContext& context, ApiCall& call, StoredFile* file);

}  // namespace moerge::api
