// What moerge eval --live does before anything is compared: asks the experts of a running server
// the questions of a file, and keeps how they did as a results table and as profiles. Blocking.
#pragma once

#include <string>
#include <vector>

#include "config/base/result.h"
#include "services/cli/api_client.h"

namespace moerge::cli {

struct LiveArguments {
  ServerAddress server;
  std::string questions;             // rows {"id", "prompt", "reference", "category"?} (.gz)
  std::vector<std::string> experts;  // empty: every enabled model of the server
  std::string table;                 // the results table that is written
  std::string source;                // name of the evidence; again under it replaces
  int at_once = 500;                 // requests in one call
};

// Prints how many answers of each expert were right. Errors: of the file, of the server; no expert
// answered.
Status MeasureLive(const LiveArguments& arguments);

// All enabled models of the server; tools are none. Error: kNotFound, there is none.
Result<std::vector<std::string>> ModelsOf(const ServerAddress& server);

}  // namespace moerge::cli
