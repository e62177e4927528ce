#include "services/signals/embedding_heads.h"

#include "router/policy_options.h"

namespace moerge {

EmbeddingSpec EmbeddingSpecOf(const Policy& policy) {
  return {TextOption(policy, "embedding.backend"), TextOption(policy, "embedding.model"),
          TextOption(policy, "embedding.head")};
}

}  // namespace moerge
