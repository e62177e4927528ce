#include "adapters/lean_drain.h"

#include <boost/asio/buffer.hpp>

namespace moerge {
namespace {

using Step = ResponseParser::Step;

constexpr std::chrono::seconds kPatience{1};
constexpr std::size_t kMaxRest = 64 << 10;

class Drain : public std::enable_shared_from_this<Drain>, private DeadlineWatch::Entry {
 public:
  Drain(std::shared_ptr<LeanPool> pool, LeanOrigin& origin,
        std::shared_ptr<LeanConnection> connection, std::unique_ptr<LeanWorkspace> workspace)
      : pool_(std::move(pool)),
        origin_(origin),
        connection_(std::move(connection)),
        workspace_(std::move(workspace)) {}

  ~Drain() override {
    Leave();
    pool_->GiveWorkspace(std::move(workspace_));
  }

  void Start() {
    pool_->watch().Set(*this, DeadlineWatch::Clock::now() + kPatience);
    ReadSome();
  }

 private:
  void OnDue() override {
    boost::system::error_code ignored;
    connection_->socket.close(ignored);
  }

  void ReadSome() {
    connection_->socket.async_read_some(
        boost::asio::buffer(workspace_->input.get(), LeanWorkspace::kInput),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
          if (!error) self->Take(size);
        });
  }

  void Take(std::size_t size) {
    std::string_view input(workspace_->input.get(), size);
    std::string_view piece;
    read_ += size;
    for (;;) {
      auto step = workspace_->parser.Next(&input, &piece);
      if (!step || read_ > kMaxRest) return;
      if (*step == Step::kNeedMore) return ReadSome();
      if (*step != Step::kEnd) continue;
      LeanPool::DoubtIfUnasked(origin_, input);
      if (input.empty() && workspace_->parser.keep_alive()) {
        pool_->GiveIdle(origin_, std::move(connection_));
      }
      return;
    }
  }

  std::shared_ptr<LeanPool> pool_;
  LeanOrigin& origin_;
  std::shared_ptr<LeanConnection> connection_;
  std::unique_ptr<LeanWorkspace> workspace_;
  std::size_t read_ = 0;
};

}  // namespace

void StartDrain(std::shared_ptr<LeanPool> pool, LeanOrigin& origin,
                std::shared_ptr<LeanConnection> connection,
                std::unique_ptr<LeanWorkspace> workspace) {
  std::make_shared<Drain>(std::move(pool), origin, std::move(connection), std::move(workspace))
      ->Start();
}

}  // namespace moerge
