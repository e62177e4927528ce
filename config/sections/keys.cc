#include <string>
#include <string_view>

#include "config/base/text.h"
#include "config/sections/sections.h"
#include "config/validate.h"
#include "config/yaml/environment.h"

namespace moerge {
namespace {

constexpr std::string_view kSources = "exactly one of key_env, key_file and sha256";

void CheckSource(const KeyConfig& key, FieldReader* in) {
  const int sources = !key.key_env.empty() + !key.key_file.empty() + !key.sha256.empty();
  if (sources != 1) in->AddError("", "must have " + std::string(kSources));
  if (!key.key_env.empty() && !IsVariableName(key.key_env)) {
    in->AddError("key_env", "must be the name of an environment variable, not the key itself");
  }
  if (!key.sha256.empty() && !IsSha256(key.sha256)) {
    in->AddError("sha256",
                 "must be 64 hexadecimal digits, as `printf %s KEY | sha256sum` prints them");
  }
}

void ReadLimits(FieldReader in, KeyLimits* limits) {
  constexpr std::int64_t kMost = 1'000'000'000'000;
  in.Integer("requests_per_minute", &limits->requests_per_minute, 0, kMost);
  in.Integer("tokens_per_minute", &limits->tokens_per_minute, 0, kMost);
  in.Integer("concurrent_requests", &limits->concurrent_requests, 0, 1'000'000);
  in.Number("budget_usd_day", &limits->budget_usd_day);
  in.Number("budget_usd_month", &limits->budget_usd_month);
  in.RejectUnknownKeys();
}

// What a key may do, and labels.
void ReadTerms(FieldReader& in, KeyConfig* key) {
  in.Text("description", &key->description);
  in.Text("tenant", &key->tenant);
  in.Text("team", &key->team);
  std::chrono::system_clock::time_point expires;
  in.Scalar("expires", &expires,
            "a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z", ParseTime);
  if (in.has("expires")) key->expires = expires;
  ReadLimits(in.Section("limits"), &key->limits);
  in.Texts("policies", &key->policies);
  in.Texts("experts", &key->experts);
}

KeyConfig ReadKey(const YamlPtr& node, const std::string& path, ReadContext* context,
                  UniqueNames* names) {
  KeyConfig key;
  FieldReader in(node, path, context);
  in.HideValues();
  in.Text("name", &key.name, kRequired);
  in.Choice<Role>("role", &key.role,
                  {{RoleName(Role::kInference), Role::kInference},
                   {RoleName(Role::kRead), Role::kRead},
                   {RoleName(Role::kAdmin), Role::kAdmin}});
  in.Text("key_env", &key.key_env);
  in.Text("key_file", &key.key_file);
  in.Text("sha256", &key.sha256);
  key.sha256 = LowerAscii(key.sha256);
  for (const std::string_view literal : {"key", "api_key", "secret", "token"}) {
    in.Refuse(literal, "a key does not belong into this file: use " + std::string(kSources));
  }
  ReadTerms(in, &key);
  if (node->is_map()) CheckSource(key, &in);
  in.Check(FindMistakes(key));
  names->Add(key.name, &in);
  in.RejectUnknownKeys();
  return key;
}

}  // namespace

void ReadKeys(FieldReader& top, Config* config, ReadContext* context) {
  UniqueNames names;
  top.Each("keys", [&](const YamlPtr& item, const std::string& path) {
    config->keys.push_back(ReadKey(item, path, context, &names));
  });
}

}  // namespace moerge
