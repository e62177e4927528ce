// GET /v1/models and /v1/models/{id}: what may be named as `model`: policies and enabled experts.
#include <string>
#include <utility>

#include "config/base/json.h"
#include "services/api/api_handler.h"
#include "services/api/error.h"
#include "services/api/key_rules.h"
#include "services/pipeline/model_choice.h"

namespace moerge::api {
namespace {

constexpr std::string_view kAuto = "auto";

// OpenAI's fields. When an expert was created is not recorded, so `created` is 0.
void OpenModel(std::string_view id, json::Writer& writer) {
  writer.BeginObject().Field("id", id).Field("object", "model").Field("created", 0);
  writer.Field("owned_by", "moerge").Key("moerge").BeginObject();
}

void WritePolicy(const Policy& policy, json::Writer& writer) {
  OpenModel(policy.name == kAuto ? policy.name : "moerge/" + policy.name, writer);
  writer.Field("kind", "policy").Field("description", policy.description);
  writer.Field("classifier", policy.classifier).Field("recruiter", policy.recruiter);
  writer.Field("experts", policy.experts).Field("aggregate", policy.aggregate);
  writer.EndObject().EndObject();
}

void WriteExpert(const ExpertEntry& entry, json::Writer& writer) {
  const Expert& expert = entry.spec;
  OpenModel(expert.name, writer);
  writer.Field("kind", ExpertKindName(expert.kind)).Field("description", expert.description);
  writer.Field("backend", expert.backend).Field("model", expert.model);
  writer.Field("context", expert.context).Field("vision", expert.vision);
  writer.Field("function_calling", expert.function_calling);
  writer.Key("price").BeginObject().Field("input", expert.price.input);
  writer.Field("output", expert.price.output);
  for (const auto& [part, usd] :
       {std::pair("cached_input", expert.price.cached_input),
        std::pair("reasoning", expert.price.reasoning), std::pair("image", expert.price.image),
        std::pair("audio", expert.price.audio),
        std::pair("audio_output", expert.price.audio_output)}) {
    if (usd) writer.Field(part, *usd);
  }
  writer.EndObject().Key("skills").BeginObject();
  for (const auto& [skill, strength] : expert.skills) writer.Field(skill, strength);
  writer.EndObject().EndObject().EndObject();
}

// What the client's key may use.
std::string ListModels(const Snapshot& snapshot, const ApiKey* key) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  const Policy* preset = snapshot.FindPolicy(kAuto);
  if (preset != nullptr && MayUse(key, *preset)) WritePolicy(*preset, writer);
  for (const Policy& policy : snapshot.policies) {
    if (policy.name != kAuto && !policy.trial && MayUse(key, policy)) WritePolicy(policy, writer);
  }
  for (const ExpertEntry& expert : snapshot.experts) {
    if (expert.spec.enabled && MayUse(key, expert.spec)) WriteExpert(expert, writer);
  }
  writer.EndArray().EndObject();
  return out;
}

Task<void> HandleModel(ApiContext& context, ApiCall& call) {
  const RouterPtr router = context.shared().router();
  const Result<ModelChoice> choice =
      ChooseModel(*router->snapshot(), call.Parameter("id"), std::string_view());
  if (!choice) co_return co_await SendError(call, choice.error());
  std::string out;
  json::Writer writer(&out);
  if (choice->policy != nullptr) {
    WritePolicy(*choice->policy, writer);
  } else {
    WriteExpert(*choice->expert, writer);
  }
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddModelRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/v1/models", Access::kInference, [](ApiCall& call) {
    return SendJson(call, ListModels(*call.router->snapshot(), call.key));
  });
  table.Add("GET", "/v1/models/{id...}", Access::kInference,
            [&context](ApiCall& call) { return HandleModel(context, call); });
}

}  // namespace moerge::api
