#include "services/signals/embedding_heads.h"

#include "config/policy_options.h"

namespace moerge {

EmbeddingSpec EmbeddingSpecOf(const Policy& policy) {
  return {policy.options->embedding_backend, policy.options->embedding_model,
          policy.options->embedding_head};
}

}  // namespace moerge
