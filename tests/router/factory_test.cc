#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

std::unique_ptr<Store> OpenMemory() {
  Result<std::unique_ptr<Store>> store = OpenStore("memory:");
  return store.ok() ? std::move(*store) : nullptr;
}

DeclaredState Declared() {
  DeclaredState declared;
  Backend backend;
  backend.name = "local";
  backend.base_url = "http://127.0.0.1:1/v1";
  backend.origin = Origin::kFile;
  declared.backends = {backend};
  declared.skills = {MakeSkill("cooking", {"bake bread", "onion soup recipe", "roast chicken"}),
                     MakeSkill("poems", {"write a poem", "a haiku on snow", "rhyme with moon"})};
  declared.experts = {MakeExpert("cook", {{"cooking", 0.9}, {"general", 0.2}}),
                      MakeExpert("poet", {{"poems", 0.9}, {"general", 0.2}})};
  for (Skill& skill : declared.skills) skill.origin = Origin::kFile;
  for (Expert& expert : declared.experts) expert.origin = Origin::kFile;
  return declared;
}

struct Server {
  Metrics metrics;
  StoreThread store{OpenMemory(), metrics};
  Registry registry{store};
  RouterFactory factory{registry, store};
};

Deadline Soon() { return Deadline::After(std::chrono::seconds(60)); }

RouteRequest Ask(std::string_view prompt) {
  RouteRequest request;
  request.text.user = prompt;
  return request;
}

TEST(RouterFactory, BeforeTheRegistryStartsThereIsARouterWithoutExperts) {
  Server server;
  EXPECT_FALSE(server.factory.IsTrained());
  EXPECT_TRUE(server.factory.Current()->Route(Ask("hello"), {}, nullptr).roster.empty());
}

TEST(RouterFactory, TrainsAndRoutesByText) {
  Server server;
  ASSERT_TRUE(server.registry.Start(Declared()).ok());
  ASSERT_TRUE(server.factory.WaitTrained(Soon()));
  const RouterPtr router = server.factory.Current();
  EXPECT_EQ(NameAt(router->Route(Ask("a soup with bread"), {}, nullptr).roster, 0), "cook");
  EXPECT_EQ(NameAt(router->Route(Ask("a poem on the moon"), {}, nullptr).roster, 0), "poet");
}

TEST(RouterFactory, AnExpertIsRoutableAtOnce) {
  Server server;
  ASSERT_TRUE(server.registry.Start(Declared()).ok());
  StoreChange change;
  change.put_experts = {MakeExpert("chef", {{"cooking", 1.0}})};
  ASSERT_TRUE(server.registry.ChangeAndWait(change).ok());
  EXPECT_EQ(NameAt(server.factory.Current()->Route(Needs({"cooking"}), {}, nullptr).roster, 0),
            "chef");
  EXPECT_EQ(server.factory.Current()->snapshot(), server.registry.Current());
}

TEST(RouterFactory, ANewSkillIsRecognisedOnceTrained) {
  Server server;
  ASSERT_TRUE(server.registry.Start(Declared()).ok());
  StoreChange change;
  change.put_skills = {MakeSkill("chess", {"mate in two", "best reply to e4", "rook endgame"})};
  ASSERT_TRUE(server.registry.ChangeAndWait(change).ok());
  ASSERT_TRUE(server.factory.WaitTrained(Soon()));
  const Decision decision = server.factory.Current()->Route(Ask("a rook endgame"), {}, nullptr);
  EXPECT_EQ(NameOf(decision.demand.skills.at(0).skill), "chess");
}

TEST(RouterFactory, TheTrainedModelIsCachedInTheStore) {
  Server server;
  ASSERT_TRUE(server.registry.Start(Declared()).ok());
  ASSERT_TRUE(server.factory.WaitTrained(Soon()));
  bool cached = false;
  server.store.Run([&](Store& store) {
    const auto blob = store.blobs().Get("router/lexical");
    cached = blob.ok() && blob->has_value();
  });
  EXPECT_TRUE(cached);
}

TEST(RouterFactory, ADamagedCacheCostsTimeOnly) {
  Server server;
  server.store.Run(
      [](Store& store) { ASSERT_TRUE(store.blobs().Put("router/lexical", "rubbish").ok()); });
  ASSERT_TRUE(server.registry.Start(Declared()).ok());
  ASSERT_TRUE(server.factory.WaitTrained(Soon()));
  EXPECT_EQ(NameAt(server.factory.Current()->Route(Ask("onion soup"), {}, nullptr).roster, 0),
            "cook");
}

TEST(RouterFactory, StopsWhileTraining) {
  for (int i = 0; i < 5; ++i) {
    Server server;
    ASSERT_TRUE(server.registry.Start(Declared()).ok());
  }
}

TEST(RouterFactory, RequestsAndChangesGoOnTogether) {
  Server server;
  ASSERT_TRUE(server.registry.Start(Declared()).ok());
  std::atomic<bool> done{false};
  std::atomic<int> unanswered{0};
  std::vector<std::thread> askers;
  for (int t = 0; t < 2; ++t) {
    askers.emplace_back([&] {
      while (!done) {
        const Decision decision = server.factory.Current()->Route(Ask("bake bread"), {}, nullptr);
        if (decision.roster.empty()) ++unanswered;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    StoreChange change;
    if (i % 2 == 0) {
      change.put_experts = {MakeExpert("e" + std::to_string(i), {{"general", 0.1}})};
    } else {
      change.put_skills = {MakeSkill("s" + std::to_string(i), {"example " + std::to_string(i)})};
    }
    ASSERT_TRUE(server.registry.ChangeAndWait(change).ok());
  }
  ASSERT_TRUE(server.factory.WaitTrained(Soon()));
  done = true;
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(unanswered, 0);
}

}  // namespace
}  // namespace moerge
