#include "config/entities.h"

#include <utility>

#include "config/yaml/environment.h"

namespace moerge {

std::string_view OriginName(Origin origin) {
  switch (origin) {
    case Origin::kBuiltIn: return "built-in";
    case Origin::kFile: return "file";
    case Origin::kStore: return "store";
  }
  return "store";
}

std::string_view ProtocolName(Protocol protocol) {
  switch (protocol) {
    case Protocol::kOpenAi: return "openai";
    case Protocol::kAnthropic: return "anthropic";
    case Protocol::kOllama: return "ollama";
  }
  return "openai";
}

std::optional<Protocol> ParseProtocol(std::string_view name) {
  for (const Protocol protocol : {Protocol::kOpenAi, Protocol::kAnthropic, Protocol::kOllama}) {
    if (name == ProtocolName(protocol)) return protocol;
  }
  return std::nullopt;
}

std::vector<NamedVariable> VariablesOf(const Backend& backend) {
  std::vector<NamedVariable> all;
  const auto add = [&all](const std::string& field, const auto& values) {
    for (const auto& each : values) {
      for (std::string& name : VariablesIn(each.second)) {
        all.push_back({std::move(name), field + "." + each.first});
      }
    }
  };
  add("headers", backend.headers);
  add("query", backend.query);
  return all;
}

std::string_view ExpertKindName(ExpertKind kind) {
  return kind == ExpertKind::kTool ? "tool" : "llm";
}

std::optional<ExpertKind> ParseExpertKind(std::string_view name) {
  if (name == "llm") return ExpertKind::kLlm;
  if (name == "tool") return ExpertKind::kTool;
  return std::nullopt;
}

std::string_view ResidencyKindName(ResidencyKind kind) {
  switch (kind) {
    case ResidencyKind::kAlways: return "always";
    case ResidencyKind::kLlamaSwap: return "llama_swap";
    case ResidencyKind::kLlamaRouter: return "llama_router";
    case ResidencyKind::kOllama: return "ollama";
    case ResidencyKind::kVllm: return "vllm";
    case ResidencyKind::kCommand: return "command";
  }
  return "always";
}

std::optional<ResidencyKind> ParseResidencyKind(std::string_view name) {
  for (const ResidencyKind kind :
       {ResidencyKind::kAlways, ResidencyKind::kLlamaSwap, ResidencyKind::kLlamaRouter,
        ResidencyKind::kOllama, ResidencyKind::kVllm, ResidencyKind::kCommand}) {
    if (ResidencyKindName(kind) == name) return kind;
  }
  return std::nullopt;
}

std::vector<std::string> DevicesOf(const Backend& backend) {
  const Residency& residency = backend.residency;
  if (!residency.devices.empty()) return residency.devices;
  return {residency.device.empty() ? backend.name : residency.device};
}

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kInference: return "inference";
    case Role::kRead: return "read";
    case Role::kAdmin: return "admin";
  }
  return "inference";
}

std::optional<Role> ParseRole(std::string_view name) {
  for (const Role role : {Role::kInference, Role::kRead, Role::kAdmin}) {
    if (name == RoleName(role)) return role;
  }
  return std::nullopt;
}

}  // namespace moerge
