#include "config/sections/sections.h"
#include "config/validate.h"

namespace moerge {
namespace {

void ReadResidency(FieldReader in, Residency* residency) {
  in.Choice<ResidencyKind>(
      "kind", &residency->kind,
      {{ResidencyKindName(ResidencyKind::kAlways), ResidencyKind::kAlways},
       {ResidencyKindName(ResidencyKind::kLlamaSwap), ResidencyKind::kLlamaSwap},
       {ResidencyKindName(ResidencyKind::kLlamaRouter), ResidencyKind::kLlamaRouter},
       {ResidencyKindName(ResidencyKind::kOllama), ResidencyKind::kOllama},
       {ResidencyKindName(ResidencyKind::kVllm), ResidencyKind::kVllm},
       {ResidencyKindName(ResidencyKind::kCommand), ResidencyKind::kCommand}});
  in.Text("device", &residency->device);
  in.Texts("devices", &residency->devices);
  in.Integer("slots", &residency->slots);
  in.Number("memory_gb", &residency->memory_gb);
  in.Duration("max_wait", &residency->max_wait);
  in.Duration("load_timeout", &residency->load_timeout);
  in.Integer("sleep_level", &residency->sleep_level);
  in.Number("host_memory_gb", &residency->host_memory_gb);
  in.Options("adapters", &residency->adapters);
  in.Texts("command", &residency->command);
  in.RawTexts("environment", &residency->environment);
  in.Text("health", &residency->health);
  in.Duration("stop_timeout", &residency->stop_timeout);
  in.RejectUnknownKeys();
}

Backend ReadBackend(const YamlPtr& node, const std::string& path, ReadContext* context,
                    UniqueNames* names) {
  Backend backend;
  backend.origin = Origin::kFile;
  FieldReader in(node, path, context);
  in.Text("name", &backend.name, kRequired);
  in.Choice<Protocol>("protocol", &backend.protocol,
                      {{ProtocolName(Protocol::kOpenAi), Protocol::kOpenAi},
                       {ProtocolName(Protocol::kAnthropic), Protocol::kAnthropic},
                       {ProtocolName(Protocol::kOllama), Protocol::kOllama}});
  in.Text("base_url", &backend.base_url, kRequired);
  while (backend.base_url.ends_with('/')) backend.base_url.pop_back();
  in.Text("api_key_env", &backend.api_key_env);
  in.RawTexts("headers", &backend.headers);
  in.RawTexts("query", &backend.query);
  in.Refuse("api_key",
            "a key does not belong into this file: put it into an environment variable "
            "and name that with api_key_env");
  in.Integer("max_concurrency", &backend.max_concurrency);
  in.Integer("max_queue", &backend.max_queue);
  in.Duration("queue_timeout", &backend.queue_timeout);
  in.Duration("connect_timeout", &backend.connect_timeout);
  in.Duration("first_byte_timeout", &backend.first_byte_timeout);
  in.Duration("idle_timeout", &backend.idle_timeout);
  in.Integer("retries", &backend.retries);
  in.Flag("verify_tls", &backend.verify_tls);
  ReadResidency(in.Section("residency"), &backend.residency);
  in.Check(FindMistakes(backend));
  names->Add(backend.name, &in);
  in.RejectUnknownKeys();
  return backend;
}

}  // namespace

void ReadBackends(FieldReader& top, Config* config, ReadContext* context) {
  UniqueNames names;
  top.Each("backends", [&](const YamlPtr& item, const std::string& path) {
    config->backends.push_back(ReadBackend(item, path, context, &names));
  });
}

}  // namespace moerge
