#include "services/hosts/host_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <thread>
#include <utility>

namespace moerge {

struct HostLoop::Impl {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<Executor> work{context.get_executor()};
  std::unique_ptr<HttpClient> http = MakeHttpClient(context.get_executor());
  std::once_flag started;
  std::thread thread;
};

HostLoop::HostLoop() : impl_(std::make_unique<Impl>()) {}

HostLoop::~HostLoop() {
  impl_->work.reset();
  impl_->context.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

Executor HostLoop::loop() {
  std::call_once(impl_->started,
                 [this] { impl_->thread = std::thread([this] { impl_->context.run(); }); });
  return impl_->context.get_executor();
}

std::unique_ptr<ModelHost> HostLoop::Make(ResidencyKind kind, ModelLost lost) {
  switch (kind) {
    case ResidencyKind::kAlways:
    case ResidencyKind::kLlamaSwap: return nullptr;
    case ResidencyKind::kLlamaRouter: return MakeLlamaRouterHost(*impl_->http);
    case ResidencyKind::kOllama: return MakeOllamaHost(*impl_->http);
    case ResidencyKind::kVllm: return MakeVllmHost(*impl_->http);
    case ResidencyKind::kCommand: return MakeCommandHost(*impl_->http, loop(), std::move(lost));
  }
  return nullptr;
}

}  // namespace moerge
