#include "services/cli/discovery.h"

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>

#include "adapters/http_client.h"
#include "adapters/model_list.h"
#include "config/base/deadline.h"
#include "config/base/task.h"

namespace moerge::cli {
namespace {

constexpr std::size_t kMaxModels = 64;
constexpr std::chrono::seconds kPatience{2};

struct Probe {
  const char* name;
  const char* title;
  const char* protocol;
  const char* base_url;  // as the configuration gives it
  const char* list_url;  // where the models are listed
};

constexpr Probe kProbes[] = {
    {"ollama", "Ollama", "ollama", "http://127.0.0.1:11434", "http://127.0.0.1:11434/api/tags"},
    {"vllm", "vLLM", "openai", "http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/models"},
    {"llamacpp", "llama.cpp or llama-swap", "openai", "http://127.0.0.1:8080/v1",
     "http://127.0.0.1:8080/v1/models"},
    {"lmstudio", "LM Studio", "openai", "http://127.0.0.1:1234/v1",
     "http://127.0.0.1:1234/v1/models"},
};

Task<void> Ask(HttpClient& client, const Probe& probe, std::vector<std::string>* names,
               bool* reached) {
  OutboundRequest request;
  request.method = "GET";
  request.url = probe.list_url;
  request.connect_timeout = kPatience;
  CallScope scope;
  scope.deadline = Deadline::After(kPatience);
  auto reply = co_await client.Send(request, scope);
  if (!reply || (*reply)->status() != 200) co_return;
  const Result<std::string> body = co_await ReadAll(**reply, 4u << 20);
  if (!body) co_return;
  *names = ModelNames(*body, kMaxModels);
  *reached = !names->empty();
}

std::vector<FoundBackend> ProbeLoopback() {
  boost::asio::io_context loop(1);
  std::vector<FoundBackend> found;
  std::vector<std::string> names[std::size(kProbes)];
  bool reached[std::size(kProbes)] = {};
  {
    const std::unique_ptr<HttpClient> client = MakeHttpClient(loop.get_executor());
    int left = std::size(kProbes);
    const auto run = [&](std::size_t i) -> Task<void> {
      co_await Ask(*client, kProbes[i], &names[i], &reached[i]);
      --left;
    };
    for (std::size_t i = 0; i < std::size(kProbes); ++i) {
      Spawn(loop.get_executor(), "probe", run(i));
    }
    while (left > 0 && loop.run_one() > 0) {
    }
  }
  for (std::size_t i = 0; i < std::size(kProbes); ++i) {
    const Probe& probe = kProbes[i];
    if (!reached[i]) continue;
    found.push_back({probe.name, probe.title, probe.protocol, probe.base_url, "", names[i], false});
  }
  return found;
}

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

std::vector<FoundBackend> DiscoverBackends() {
  std::vector<FoundBackend> found = ProbeLoopback();
  if (IsSet("OPENAI_API_KEY")) {
    found.push_back({"openai",
                     "OpenAI",
                     "openai",
                     "https://api.openai.com/v1",
                     "OPENAI_API_KEY",
                     {"gpt-4o", "gpt-4o-mini"},
                     true});
  }
  if (IsSet("ANTHROPIC_API_KEY")) {
    found.push_back({"anthropic",
                     "Anthropic",
                     "anthropic",
                     "https://api.anthropic.com",
                     "ANTHROPIC_API_KEY",
                     {"claude-sonnet-4-5", "claude-haiku-4-5"},
                     true});
  }
  return found;
}

}  // namespace moerge::cli
