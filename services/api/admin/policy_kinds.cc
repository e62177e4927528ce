#include "services/api/admin/policy_kinds.h"

#include "config/base/json.h"
#include "config/policy_options.h"
#include "router/classify/catalogue.h"
#include "router/evaluate/axes.h"
#include "router/recruit/ranking.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/error.h"
#include "services/pipeline/aggregator.h"

namespace moerge::api {
namespace {

void WriteAxes(const Policy& policy, json::Writer* json) {
  json->Key("axes").BeginObject();
  for (const auto& [name, value] : Listed(AxesOf(policy))) json->Key(name).String(value);
  json->EndObject();
}

std::string_view ClassifierSummary(std::string_view classifier) {
  if (const ClassifierKind* kind = FindClassifierKind(classifier)) return kind->summary;
  if (classifier == "none") return "every skill equally probable";
  if (classifier == "embedding") return "a head on the vectors of an embeddings server";
  if (classifier == "llm") return "keywords that a model names, mapped to skills";
  if (classifier == "auction") return "bids of experts, each against its usual one";
  return "calibrated regression over words and character n-grams";
}

std::string_view RecruiterSummary(Rule rule) {
  switch (rule) {
    case Rule::kExpected:
      return "the highest expected score over the whole demand, corrected by the text; of several "
             "experts, those that fail independently";
    case Rule::kTaskLevel: return "the best at the most probable skill alone (task-level MoE)";
    case Rule::kBestSingle: return "the strongest overall, whatever the request";
    case Rule::kRandom: return "any expert that fits, drawn at random (THOR): a baseline";
    case Rule::kTop: return "the `experts` highest expected scores, however similar the experts";
    case Rule::kSampling:
      return "`experts` draws with replacement by skill and overall strength (Symbolic-MoE); an "
             "expert drawn twice is asked once and votes twice";
    case Rule::kMapping:
      return "the expert of the most probable skill in a table that is best within a budget "
             "(Composition of Experts)";
  }
  return {};
}

void WriteParts(json::Writer* json) {
  json->Key("classifiers").BeginArray();
  for (const std::string& name : ClassifierNames()) {
    Policy policy;
    policy.classifier = name;
    json->BeginObject().Field("name", name).Field("summary", ClassifierSummary(name));
    WriteAxes(policy, json);
    json->EndObject();
  }
  json->EndArray().Key("recruiters").BeginArray();
  for (const std::string& name : RuleNames()) {
    Policy policy;
    policy.recruiter = name;
    json->BeginObject().Field("name", name).Field("summary", RecruiterSummary(RuleOf(policy)));
    WriteAxes(policy, json);
    json->EndObject();
  }
  json->EndArray();
}

void WriteAggregates(json::Writer* json) {
  json->Key("aggregates").BeginArray();
  for (const Aggregator* aggregator : Aggregators()) {
    json->BeginObject().Field("name", aggregator->name());
    json->Field("summary", aggregator->summary()).EndObject();
  }
  json->EndArray();
}

std::string_view TypeName(OptionType type) {
  switch (type) {
    case OptionType::kNumber: return "number";
    case OptionType::kInteger: return "integer";
    case OptionType::kFlag: return "flag";
    case OptionType::kChoice: return "choice";
    case OptionType::kText: return "text";
  }
  return "text";
}

void WriteOption(const PolicyOption& option, json::Writer* json) {
  json->BeginObject().Field("name", option.name).Field("type", TypeName(option.type));
  if (option.type == OptionType::kNumber || option.type == OptionType::kInteger) {
    json->Field("minimum", option.least).Field("maximum", option.most);
  }
  if (option.type == OptionType::kChoice) json->Field("choices", option.choices);
  json->Field("default", option.fallback).Field("help", option.help).EndObject();
}

}  // namespace

std::string PolicyKindsJson() {
  std::string body;
  json::Writer json(&body);
  json.BeginObject();
  WriteParts(&json);
  WriteAggregates(&json);
  json.Key("options").BeginArray();
  for (const PolicyOption& option : PolicyOptionTable()) WriteOption(option, &json);
  json.EndArray().EndObject();
  return body;
}

void AddPolicyKindRoutes(RouteTable& table, ApiContext&) {
  table.Add("GET", "/api/v1/policy-kinds", Access::kRead,
            [](ApiCall& call) { return SendJson(call, PolicyKindsJson()); });
}

}  // namespace moerge::api
