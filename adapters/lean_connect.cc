// The part of LeanExchange that finds addresses and connects.
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>

#include "adapters/lean_exchange.h"
#include "adapters/local_shortage.h"
#include "config/base/event.h"
#include "config/base/text.h"

namespace moerge {

using boost::asio::ip::tcp;

namespace {

constexpr std::chrono::seconds kAddressTime{30};

using Resolver = boost::asio::ip::basic_resolver<tcp, Executor>;

// Addresses that need no lookup: literals and localhost.
std::vector<TcpEndpoint> KnownAddresses(const std::string& host, std::uint16_t port) {
  if (EqualsIgnoreCase(host, "localhost")) {
    return {TcpEndpoint(boost::asio::ip::address_v4::loopback(), port),
            TcpEndpoint(boost::asio::ip::address_v6::loopback(), port)};
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) return {};
  return {TcpEndpoint(address, port)};
}

std::string PlaceOf(const LeanOrigin& origin) {
  return origin.host + " port " + std::to_string(origin.port);
}

}  // namespace

// A lookup runs on a thread of the resolver and cannot be stopped; whoever gives up leaves it
// behind.
struct LeanExchange::Lookup {
  explicit Lookup(const Executor& executor) : resolver(executor), done(executor) {}
  Resolver resolver;
  Event done;
  boost::system::error_code error = boost::asio::error::host_not_found;
  std::vector<TcpEndpoint> addresses;
};

void LeanExchange::WakeLookup() {
  if (lookup_) lookup_->done.Set();
}

Task<Status> LeanExchange::FindAddresses() {
  if (!origin_.addresses.empty() && Deadline::Clock::now() < origin_.addresses_until)
    co_return Ok{};
  origin_.addresses = KnownAddresses(origin_.host, origin_.port);
  if (!origin_.addresses.empty()) {
    origin_.addresses_until = Deadline::Clock::time_point::max();
    co_return Ok{};
  }
  Status found = co_await LookUp();
  co_return found;
}

Task<Status> LeanExchange::LookUp() {
  lookup_ = std::make_shared<Lookup>(pool_->executor());
  lookup_->resolver.async_resolve(origin_.host, std::to_string(origin_.port),
                                  Resolver::flags::numeric_service,
                                  [lookup = lookup_](const boost::system::error_code& error,
                                                     const Resolver::results_type& found) {
                                    lookup->error = error;
                                    for (const auto& entry : found)
                                      lookup->addresses.push_back(entry.endpoint());
                                    lookup->done.Set();
                                  });
  const bool done = co_await lookup_->done.WaitUntil(deadline_.Within(request_.connect_timeout));
  if (failure_) co_return *failure_;
  if (!done || lookup_->error) {
    const std::string why = done ? lookup_->error.message() : "the lookup took too long";
    co_return Fail(
        Error{ErrorCode::kUnavailable, "cannot find the address of " + origin_.host + ": " + why});
  }
  origin_.addresses = std::move(lookup_->addresses);
  origin_.addresses_until = Deadline::Clock::now() + kAddressTime;
  lookup_.reset();
  co_return Ok{};
}

bool LeanExchange::OpenSocket(const TcpEndpoint& address, boost::system::error_code* error) {
  connection_->socket.open(address.protocol(), *error);
  if (*error) return false;
  boost::system::error_code ignored;
  connection_->socket.set_option(
      boost::asio::socket_base::receive_buffer_size(kKernelReceiveBuffer), ignored);
  return true;
}

// Tries the addresses in turn, each with its share of the time.
Task<Status> LeanExchange::Connect() {
  Status found = co_await FindAddresses();
  if (!found) co_return found;
  const std::vector<TcpEndpoint> addresses = origin_.addresses;
  const Deadline limit = Deadline::After(request_.connect_timeout);
  boost::system::error_code error;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto share = limit.Left() / (addresses.size() - i);
    Watch(Phase::kConnect, std::chrono::ceil<std::chrono::milliseconds>(share));
    connection_ = std::make_shared<LeanConnection>(pool_->executor());
    if (!OpenSocket(addresses[i], &error)) continue;
    auto connect = [&](Resumption done) {
      connection_->socket.async_connect(
          addresses[i],
          [&error, done = std::move(done)](const boost::system::error_code& result) mutable {
            error = result;
            done();
          });
    };
    co_await Suspend(connect);
    if (failure_) co_return *failure_;
    if (error) continue;
    boost::system::error_code ignored;
    connection_->socket.set_option(tcp::no_delay(true), ignored);
    if (i > 0 && i < origin_.addresses.size())
      std::swap(origin_.addresses[0], origin_.addresses[i]);
    co_return Ok{};
  }
  origin_.addresses_until = {};
  if (IsLocalShortage(error.value())) co_return Fail(LocalShortage(error.value()));
  const bool late = error == boost::asio::error::operation_aborted;
  co_return Fail(Error{ErrorCode::kUnavailable,
                       "cannot connect to " + PlaceOf(origin_) + ": " +
                           (late ? std::string("no answer in time") : error.message())});
}

}  // namespace moerge
