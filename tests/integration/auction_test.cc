// Routing by the bids of experts: short calls side by side, losers really aborted.
#include <gtest/gtest.h>

#include <thread>

#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"
#include "tests/support/raw_client.h"

namespace moerge::test {
namespace {

// An expert that bids what the test says and answers with its name.
class Bidder {
 public:
  explicit Bidder(std::string name) : name_(std::move(name)) {}
  std::string Url() const { return model_.Url(); }
  // -1: hangs; -2: fails; -3: says no number.
  void Bids(int bid) { bid_ = bid; }
  int asked_for_bids() const { return bids_; }
  int aborted() const { return model_.aborted(); }

 private:
  std::optional<std::string> Answer(const std::string& request) {
    if (request.find("How likely is it") == request.npos) return Completion(name_);
    ++bids_;
    if (bid_ == -1) return std::nullopt;
    if (bid_ == -2) return Failing(503);
    if (bid_ == -3) return Completion("I would rather not say.");
    return Completion(std::to_string(bid_.load()));
  }
  std::string name_;
  std::atomic<int> bid_ = 70;
  std::atomic<int> bids_ = 0;
  ScriptedModel model_{[this](const std::string& request) { return Answer(request); }};
};

class Auction : public ::testing::Test {
 protected:
  std::string Config() const {
    const auto expert = [](const char* name, const Bidder& bidder, const char* skills) {
      return std::make_pair(
          "  - {name: " + std::string(name) + ", base_url: \"" + bidder.Url() + "\", retries: 0}\n",
          "  - {name: " + std::string(name) + ", backend: " + name +
              ", model: m, skills: {general: " + skills + "}}\n");
    };
    const auto ada = expert("ada", ada_, "0.6");
    const auto bob = expert("bob", bob_, "0.6");
    return "store: \"memory:\"\nbackends:\n" + ada.first + bob.first + "experts:\n" + ada.second +
           bob.second +
           "policies:\n  - {name: bid, classifier: auction, options: {auction.deadline_ms: "
           "20000}}\n"
           "  - {name: hasty, classifier: auction, options: {auction.deadline_ms: 500}}\n" +
           kSmallSkills;
  }
  HttpReply Ask(const std::string& policy = "bid") {
    return server_->Chat("moerge/" + policy, "Who knows?", R"("moerge": {"explain": true})");
  }

  Bidder ada_{"ada"};
  Bidder bob_{"bob"};
  std::unique_ptr<TestServer> server_ = std::make_unique<TestServer>(Config());
};

TEST_F(Auction, AnExpertOverTheCostLimitIsNotInvited) {
  std::string config = Config();
  const std::string bob = "backend: bob, ";
  config.insert(config.find(bob) + bob.size(), "price: {input: 1000, output: 1000}, ");
  server_ = std::make_unique<TestServer>(config);
  const HttpReply reply =
      server_->Chat("moerge/bid", "Who knows?", R"("moerge": {"max_cost_usd": 0.001})");
  EXPECT_EQ(reply.At("moerge.expert"), "ada") << reply.body;
  EXPECT_EQ(ada_.asked_for_bids() + bob_.asked_for_bids(), 0) << "one alone has no other to outbid";
}

TEST_F(Auction, TheHigherBidWins) {
  ada_.Bids(40);
  bob_.Bids(90);
  const HttpReply reply = Ask();
  EXPECT_EQ(reply.At("moerge.expert"), "bob") << reply.body;
  EXPECT_EQ(reply.At("moerge.explanation.demand.classifier"), "auction");
  EXPECT_NE(reply.At("moerge.explanation.signals.bids").find("\"bid\":90"), std::string::npos);
  EXPECT_NE(reply.At("moerge.explanation.reasons").find("bids, in standard deviations"),
            std::string::npos);
  ada_.Bids(90);
  bob_.Bids(40);
  EXPECT_EQ(Ask().At("moerge.expert"), "ada");
}

TEST_F(Auction, OneThatIsAlwaysConfidentWinsNothingByIt) {
  ada_.Bids(99);
  bob_.Bids(60);
  for (int i = 0; i < 30; ++i) Ask();
  bob_.Bids(80);  // less than ada says, far more than bob usually says
  EXPECT_EQ(Ask().At("moerge.expert"), "bob");
}

TEST_F(Auction, ABidderThatCannotWinIsAborted) {
  ada_.Bids(100);
  bob_.Bids(-1);
  const HttpReply reply = Ask();
  EXPECT_EQ(reply.At("moerge.expert"), "ada") << reply.body;
  EXPECT_TRUE(Eventually([&] { return bob_.aborted() == 1; }));
  const std::string calls = reply.At("moerge.explanation.signals.calls");
  EXPECT_NE(calls.find("\"target\":\"bob\",\"outcome\":\"cancelled\",\"error\":\"it could not have "
                       "won any more\""),
            std::string::npos)
      << calls;
  EXPECT_EQ(reply.At("moerge.explanation.signals.calls.1.completion_tokens"), "0");
  EXPECT_EQ(bob_.asked_for_bids(), 1);
}

TEST_F(Auction, ALateBidderIsAbortedAtTheDeadline) {
  ada_.Bids(10);
  bob_.Bids(-1);
  const HttpReply reply = Ask("hasty");
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.At("moerge.explanation.signals.calls").find("\"outcome\":\"late\""),
            std::string::npos)
      << reply.body;
  EXPECT_TRUE(Eventually([&] { return bob_.aborted() == 1; }));
}

TEST_F(Auction, WithoutAnyBidTheTextDecides) {
  ada_.Bids(-2);
  bob_.Bids(-3);
  const HttpReply reply = server_->Post("/v1/route", ChatJson("moerge/bid", "Who knows?"));
  EXPECT_EQ(reply.At("demand.classifier"), "lexical") << reply.body;
  EXPECT_NE(reply.At("demand.notes").find("no bids came"), std::string::npos);
  EXPECT_NE(reply.At("signals.notes").find("holds no number"), std::string::npos);
}

TEST_F(Auction, AClientThatLeavesEndsTheBidding) {
  ada_.Bids(-1);
  bob_.Bids(-1);
  RawClient client(server_->port());
  client.Send(RequestBytes("POST", "/v1/chat/completions", ChatJson("moerge/bid", "Who knows?")));
  ASSERT_TRUE(Eventually([&] { return ada_.asked_for_bids() == 1 && bob_.asked_for_bids() == 1; }));
  client.Close();
  EXPECT_TRUE(Eventually([&] { return ada_.aborted() == 1 && bob_.aborted() == 1; }));
}

TEST_F(Auction, ManyAtOnceAreKeptApart) {
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) answered += Ask().status == 200;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 40);
}

}  // namespace
}  // namespace moerge::test
