#include "services/local_router.h"

#include <filesystem>
#include <string_view>

#include "config/base/metrics.h"
#include "registry/registry.h"
#include "registry/store_thread.h"
#include "services/declared.h"

namespace moerge {
namespace {

constexpr std::chrono::minutes kTrainingTime{5};

// A file that is not there yet would only be made to be read.
std::string ExistingStore(const std::string& url) {
  constexpr std::string_view kScheme = "sqlite:";
  std::error_code ignored;
  const bool missing =
      url.starts_with(kScheme) && !std::filesystem::exists(url.substr(kScheme.size()), ignored);
  return missing ? "memory:" : url;
}

}  // namespace

struct LocalRouter::Impl {
  Metrics metrics;
  std::unique_ptr<StoreThread> store;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<RouterFactory> factory;
};

LocalRouter::LocalRouter() : impl_(std::make_unique<Impl>()) {}
LocalRouter::~LocalRouter() = default;

RouterPtr LocalRouter::router() const { return impl_->factory->Current(); }

Result<std::unique_ptr<LocalRouter>> LocalRouter::Open(const Config& config) {
  std::unique_ptr<LocalRouter> out(new LocalRouter());
  Impl& parts = *out->impl_;
  Result<std::unique_ptr<Store>> store = OpenStore(ExistingStore(config.store.url));
  if (!store) return std::move(store).error();
  const ToolSet tools(BuiltInTools());
  Result<DeclaredState> declared = Declare(config, tools);
  if (!declared) return std::move(declared).error();
  parts.store = std::make_unique<StoreThread>(*std::move(store), parts.metrics);
  parts.registry = std::make_unique<Registry>(*parts.store);
  parts.factory = std::make_unique<RouterFactory>(*parts.registry, *parts.store);
  if (Status started = parts.registry->Start(*std::move(declared)); !started) {
    return std::move(started).error();
  }
  if (!parts.factory->WaitTrained(Deadline::After(kTrainingTime))) {
    return Error{ErrorCode::kTimeout, "the classifiers were not trained within 5 minutes"};
  }
  return out;
}

}  // namespace moerge
