// Where hosts of models come from, and the loop that they live on.
#pragma once

#include <memory>

#include "services/hosts/model_host.h"

namespace moerge {

class ModelHosts {
 public:
  virtual ~ModelHosts() = default;
  virtual Executor loop() = 0;
  // Null: the server loads and unloads by itself. On any thread; the host is its loop's.
  virtual std::unique_ptr<ModelHost> Make(ResidencyKind kind, ModelLost lost) = 0;
};

}  // namespace moerge
