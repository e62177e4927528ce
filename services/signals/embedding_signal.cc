#include "services/signals/embedding_signal.h"

#include "services/signals/embedding_codec.h"

namespace moerge {
namespace {

std::string Progress(const EmbeddingState& state) {
  std::string out = "embedding: " + std::to_string(state.vectors) + " of " +
                    std::to_string(state.wanted) + " vectors to learn from have come";
  if (!state.error.empty()) out += "; " + state.error;
  return out;
}

// Asks the encoder; what does not come is noted.
Task<EmbeddingVector> Encode(const SignalTask& task, const ExpertPtr& encoder, Deadline deadline,
                             const SignalTools& tools, const std::string& text, Signals* signals) {
  auto body = ChatBody::Parse(EmbeddingRequest(encoder->spec.model, {&text, 1}));
  if (!body) co_return EmbeddingVector();
  const ExpertCall call = task.CallOf(*body, encoder, deadline);
  SignalCall note{.kind = "embedding", .target = encoder->backend->name};
  const SignalCaller::Site site{task.ledger, task.scope.cancellation};
  Result<RawReply> reply = co_await tools.caller.Embed(call, site, &note);
  EmbeddingVector vector;
  if (reply) {
    auto vectors = ParseEmbeddings(reply->body, 1);
    if (vectors) {
      vector = std::move(vectors->front());
    } else {
      note.outcome = SignalOutcome::kFailed;
      note.error = vectors.error().message;
    }
  }
  if (vector.empty()) signals->notes.push_back("embedding: " + note.error);
  signals->calls.push_back(std::move(note));
  co_return vector;
}

}  // namespace

Task<void> GatherEmbedding(const SignalTask& task, const SignalTools& tools, Signals* signals) {
  const EmbeddingSpec spec = EmbeddingSpecOf(task.policy);
  const EmbeddingState state = tools.shared.heads.Find(spec);
  signals->head = state.head;
  if (state.head == nullptr) {
    signals->notes.push_back(Progress(state));
    co_return;
  }
  const Backend* backend = task.router.snapshot()->FindBackend(spec.backend);
  if (backend == nullptr) {
    signals->notes.push_back("embedding: there is no backend `" + spec.backend + "`");
    co_return;
  }
  const std::string text = EmbeddedPart(task.request.route.text.user);
  if (text.empty()) co_return;
  const CallScope scope = task.Within(task.policy.options->embedding_deadline_ms);
  // A store that has much to do leaves the encoder most of the time.
  const Deadline for_store = scope.deadline.Within(scope.deadline.Left() / 4);
  const CacheKey key = VectorKey(spec.backend, spec.model, task.request.origin->client, text);
  signals->embedding = co_await tools.shared.vectors.Find(key, tools.store, for_store);
  if (!signals->embedding.empty()) {
    signals->calls.push_back(
        SignalCall{.kind = "embedding", .target = spec.backend, .outcome = SignalOutcome::kCached});
    co_return;
  }
  const ExpertPtr encoder = EncoderOf(task.router.snapshot(), *backend, spec.model);
  EmbeddingVector vector = co_await Encode(task, encoder, scope.deadline, tools, text, signals);
  if (!vector.empty()) tools.shared.vectors.Put(key, vector, tools.store);
  signals->embedding = std::move(vector);
}

}  // namespace moerge
