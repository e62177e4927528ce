#include "registry/entity_json.h"

#include <chrono>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "config/base/field_count.h"
#include "config/base/json.h"
#include "config/base/text.h"

namespace moerge {
namespace {

template <class T, class Member>
struct Field {
  std::string_view name;
  Member T::*member;
};
template <class T, class Member>
Field(const char*, Member T::*) -> Field<T, Member>;

constexpr auto FieldsOf(const Backend*) {
  return std::tuple(
      Field("protocol", &Backend::protocol), Field("base_url", &Backend::base_url),
      Field("api_key_env", &Backend::api_key_env), Field("headers", &Backend::headers),
      Field("query", &Backend::query), Field("max_concurrency", &Backend::max_concurrency),
      Field("max_queue", &Backend::max_queue), Field("queue_timeout_ms", &Backend::queue_timeout),
      Field("connect_timeout_ms", &Backend::connect_timeout),
      Field("first_byte_timeout_ms", &Backend::first_byte_timeout),
      Field("idle_timeout_ms", &Backend::idle_timeout), Field("retries", &Backend::retries),
      Field("verify_tls", &Backend::verify_tls), Field("residency", &Backend::residency));
}
constexpr auto FieldsOf(const Residency*) {
  return std::tuple(
      Field("kind", &Residency::kind), Field("slots", &Residency::slots),
      Field("memory_gb", &Residency::memory_gb), Field("max_wait_ms", &Residency::max_wait),
      Field("device", &Residency::device), Field("devices", &Residency::devices),
      Field("load_timeout_ms", &Residency::load_timeout),
      Field("sleep_level", &Residency::sleep_level),
      Field("host_memory_gb", &Residency::host_memory_gb), Field("adapters", &Residency::adapters),
      Field("command", &Residency::command), Field("environment", &Residency::environment),
      Field("health", &Residency::health), Field("stop_timeout_ms", &Residency::stop_timeout));
}
constexpr auto FieldsOf(const Price*) {
  return std::tuple(Field("input", &Price::input), Field("output", &Price::output),
                    Field("cached_input", &Price::cached_input),
                    Field("reasoning", &Price::reasoning), Field("image", &Price::image),
                    Field("audio", &Price::audio), Field("audio_output", &Price::audio_output));
}
constexpr auto FieldsOf(const Expert*) {
  return std::tuple(Field("kind", &Expert::kind), Field("description", &Expert::description),
                    Field("backend", &Expert::backend), Field("model", &Expert::model),
                    Field("context", &Expert::context), Field("max_output", &Expert::max_output),
                    Field("price", &Expert::price), Field("memory_gb", &Expert::memory_gb),
                    Field("active_params", &Expert::active_params),
                    Field("latency_ms", &Expert::latency_ms), Field("vision", &Expert::vision),
                    Field("function_calling", &Expert::function_calling),
                    Field("skills", &Expert::skills),
                    Field("retired_skills", &Expert::retired_skills), Field("tags", &Expert::tags),
                    Field("licence", &Expert::licence), Field("enabled", &Expert::enabled));
}
constexpr auto FieldsOf(const Skill*) {
  return std::tuple(Field("category", &Skill::category), Field("description", &Skill::description),
                    Field("examples", &Skill::examples));
}
constexpr auto FieldsOf(const PolicyTrial*) {
  return std::tuple(Field("of", &PolicyTrial::of), Field("share", &PolicyTrial::share),
                    Field("since", &PolicyTrial::since));
}
constexpr auto FieldsOf(const Policy*) {
  return std::tuple(
      Field("description", &Policy::description), Field("classifier", &Policy::classifier),
      Field("recruiter", &Policy::recruiter), Field("experts", &Policy::experts),
      Field("aggregate", &Policy::aggregate), Field("price_weight", &Policy::price_weight),
      Field("latency_weight", &Policy::latency_weight), Field("min_score", &Policy::min_score),
      Field("max_fallbacks", &Policy::max_fallbacks), Field("options", &Policy::options),
      Field("trial", &Policy::trial));
}
constexpr auto FieldsOf(const KeyLimits*) {
  return std::tuple(Field("requests_per_minute", &KeyLimits::requests_per_minute),
                    Field("tokens_per_minute", &KeyLimits::tokens_per_minute),
                    Field("concurrent_requests", &KeyLimits::concurrent_requests),
                    Field("budget_usd_day", &KeyLimits::budget_usd_day),
                    Field("budget_usd_month", &KeyLimits::budget_usd_month));
}
constexpr auto FieldsOf(const ApiKey*) {
  return std::tuple(Field("role", &ApiKey::role), Field("sha256", &ApiKey::sha256),
                    Field("description", &ApiKey::description), Field("tenant", &ApiKey::tenant),
                    Field("team", &ApiKey::team), Field("created", &ApiKey::created),
                    Field("expires", &ApiKey::expires), Field("limits", &ApiKey::limits),
                    Field("policies", &ApiKey::policies), Field("experts", &ApiKey::experts));
}

// Every member is kept: the name and the origin by the store itself, the others here.
template <class T>
constexpr std::size_t kKept = std::tuple_size_v<decltype(FieldsOf(std::declval<const T*>()))>;
static_assert(kKept<Backend> + 2 == FieldCount<Backend>());
static_assert(kKept<Residency> == FieldCount<Residency>());
static_assert(kKept<Price> == FieldCount<Price>());
static_assert(kKept<Expert> + 2 == FieldCount<Expert>());
static_assert(kKept<Skill> + 2 == FieldCount<Skill>());
static_assert(kKept<PolicyTrial> == FieldCount<PolicyTrial>());
static_assert(kKept<Policy> + 2 == FieldCount<Policy>());
static_assert(kKept<KeyLimits> == FieldCount<KeyLimits>());
static_assert(kKept<ApiKey> + 2 == FieldCount<ApiKey>());

void Put(const std::string& value, json::Writer* out) { out->String(value); }
void Put(bool value, json::Writer* out) { out->Bool(value); }
void Put(int value, json::Writer* out) { out->Int(value); }
void Put(std::int64_t value, json::Writer* out) { out->Int(value); }
void Put(const std::optional<std::chrono::system_clock::time_point>& value, json::Writer* out) {
  value ? out->String(FormatTime(*value)) : out->Null();
}
void Put(double value, json::Writer* out) { out->Number(value); }
void Put(const std::optional<double>& value, json::Writer* out) {
  value ? out->Number(*value) : out->Null();
}
void Put(std::chrono::milliseconds value, json::Writer* out) { out->Int(value.count()); }
void Put(Protocol value, json::Writer* out) { out->String(ProtocolName(value)); }
void Put(ResidencyKind value, json::Writer* out) { out->String(ResidencyKindName(value)); }
void Put(ExpertKind value, json::Writer* out) { out->String(ExpertKindName(value)); }
void Put(Role value, json::Writer* out) { out->String(RoleName(value)); }
void Put(const std::vector<std::string>& values, json::Writer* out) {
  out->BeginArray();
  for (const std::string& value : values) out->String(value);
  out->EndArray();
}
template <class T>
void Put(const std::map<std::string, T>& values, json::Writer* out) {
  out->BeginObject();
  for (const auto& [key, value] : values) {
    out->Key(key);
    Put(value, out);
  }
  out->EndObject();
}
void Put(const PolicyOptions& options, json::Writer* out) { Put(options.words(), out); }
void Put(const std::optional<PolicyTrial>& trial, json::Writer* out);
template <class T>
auto Put(const T& entity, json::Writer* out) -> decltype(FieldsOf(&entity), void()) {
  out->BeginObject();
  const auto put = [&](const auto& field) {
    out->Key(field.name);
    Put(entity.*field.member, out);
  };
  std::apply([&](const auto&... field) { (put(field), ...); }, FieldsOf(&entity));
  out->EndObject();
}
void Put(const std::optional<PolicyTrial>& trial, json::Writer* out) {
  trial ? Put(*trial, out) : void(out->Null());
}

template <class From, class To>
bool Take(const std::optional<From>& from, To* to) {
  if (from.has_value()) *to = To(*from);
  return from.has_value();
}

bool Get(const json::Value& value, std::string* out) { return Take(value.AsString(), out); }
bool Get(const json::Value& value, bool* out) { return Take(value.AsBool(), out); }
bool Get(const json::Value& value, int* out) { return Take(value.AsInt(), out); }
bool Get(const json::Value& value, std::int64_t* out) { return Take(value.AsInt(), out); }
bool Get(const json::Value& value, double* out) { return Take(value.AsDouble(), out); }
bool Get(const json::Value& value, std::optional<std::chrono::system_clock::time_point>* out) {
  *out = std::nullopt;
  if (value.is_null()) return true;
  *out = ParseTime(value.AsString().value_or(""));
  return out->has_value();
}
bool Get(const json::Value& value, std::optional<double>* out) {
  if (!value.is_null()) return Get(value, &out->emplace());
  out->reset();
  return true;
}
bool Get(const json::Value& value, std::chrono::milliseconds* out) {
  return Take(value.AsInt(), out);
}
bool Get(const json::Value& value, Protocol* out) {
  return Take(ParseProtocol(value.AsString().value_or("")), out);
}
bool Get(const json::Value& value, ResidencyKind* out) {
  return Take(ParseResidencyKind(value.AsString().value_or("")), out);
}
bool Get(const json::Value& value, ExpertKind* out) {
  return Take(ParseExpertKind(value.AsString().value_or("")), out);
}
bool Get(const json::Value& value, Role* out) {
  return Take(ParseRole(value.AsString().value_or("")), out);
}
bool Get(const json::Value& value, std::vector<std::string>* out) {
  if (!value.is_array()) return false;
  out->clear();
  for (const json::Value& element : value.children()) {
    if (!Get(element, &out->emplace_back())) return false;
  }
  return true;
}
template <class T>
bool Get(const json::Value& value, std::map<std::string, T>* out) {
  if (!value.is_object()) return false;
  out->clear();
  for (const json::Value& member : value.children()) {
    if (!Get(member, &(*out)[std::string(member.key())])) return false;
  }
  return true;
}
bool Get(const json::Value& value, PolicyOptions* out) {
  PolicyOptions::Words words;
  if (!Get(value, &words)) return false;
  *out = std::move(words);
  return true;
}
bool Get(const json::Value& value, std::optional<PolicyTrial>* out);
template <class T>
auto Get(const json::Value& value, T* entity) -> decltype(FieldsOf(entity), bool()) {
  if (!value.is_object()) return false;
  const auto get = [&](const auto& field) {
    const json::Value member = value.Find(field.name);
    return !member.present() || Get(member, &(entity->*field.member));
  };
  return std::apply([&](const auto&... field) { return (get(field) && ...); }, FieldsOf(entity));
}

bool Get(const json::Value& value, std::optional<PolicyTrial>* out) {
  if (!value.is_null()) return Get(value, &out->emplace());
  out->reset();
  return true;
}

template <class T>
std::string Write(const T& entity) {
  std::string out;
  json::Writer writer(&out);
  Put(entity, &writer);
  return out;
}

template <class T>
Status Read(std::string_view text, T* entity) {
  const Result<json::Document> document = json::Document::Parse(text);
  if (!document.ok()) return Error{ErrorCode::kInternal, document.error().message};
  if (!Get(document->root(), entity)) {
    return Error{ErrorCode::kInternal, "a member has the wrong type"};
  }
  return Ok{};
}

}  // namespace

std::string ToJson(const Backend& entity) { return Write(entity); }
std::string ToJson(const Expert& entity) { return Write(entity); }
std::string ToJson(const Skill& entity) { return Write(entity); }
std::string ToJson(const Policy& entity) { return Write(entity); }
std::string ToJson(const ApiKey& entity) { return Write(entity); }

Status FromJson(std::string_view json, Backend* entity) { return Read(json, entity); }
Status FromJson(std::string_view json, Expert* entity) { return Read(json, entity); }
Status FromJson(std::string_view json, Skill* entity) { return Read(json, entity); }
Status FromJson(std::string_view json, Policy* entity) { return Read(json, entity); }
Status FromJson(std::string_view json, ApiKey* entity) { return Read(json, entity); }

}  // namespace moerge
