// What policies may be made of: classifiers, recruiters, aggregates, options with their ranges, and
// where each stands among methods that route between experts.
#include "config/base/json.h"
#include "router/classify/catalogue.h"
#include "router/evaluate/axes.h"
#include "router/policy_options.h"
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

std::string_view SummaryOf(std::string_view classifier) {
  if (const ClassifierKind* kind = FindClassifierKind(classifier)) return kind->summary;
  if (classifier == "none") return "every skill equally probable";
  if (classifier == "embedding") return "a head on the vectors of an embeddings server";
  if (classifier == "llm") return "keywords that a model names, mapped to skills";
  if (classifier == "auction") return "bids of experts, each against its usual one";
  return "calibrated regression over words and character n-grams";
}

void WriteParts(json::Writer* json) {
  json->Key("classifiers").BeginArray();
  for (const std::string& name : ClassifierNames()) {
    Policy policy;
    policy.classifier = name;
    json->BeginObject().Field("name", name).Field("summary", SummaryOf(name));
    WriteAxes(policy, json);
    json->EndObject();
  }
  json->EndArray().Key("recruiters").BeginArray();
  for (const std::string& name : RuleNames()) {
    Policy policy;
    policy.recruiter = name;
    json->BeginObject().Field("name", name);
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

std::string Kinds() {
  std::string body;
  json::Writer json(&body);
  json.BeginObject();
  WriteParts(&json);
  WriteAggregates(&json);
  json.Key("options").BeginArray();
  for (const PolicyOption& option : PolicyOptions()) WriteOption(option, &json);
  json.EndArray().EndObject();
  return body;
}

}  // namespace

void AddPolicyKindRoutes(RouteTable& table, ApiContext&) {
  table.Add("GET", "/api/v1/policy-kinds", Access::kAdmin,
            [](ApiCall& call) { return SendJson(call, Kinds()); });
}

}  // namespace moerge::api
