// Every test of a contract runs on every store: TYPED_TEST(StoreTest, ...).
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "registry/decision_log.h"
#include "registry/store.h"
#include "tests/registry/support.h"

namespace moerge::testing {

struct Memory {
  std::string Url() { return "memory:"; }
};
struct Sqlite {
  TempFolder folder;
  std::string Url() { return "sqlite:" + folder.File("moerge.db"); }
};

template <class Kind>
class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<Store>> opened = OpenStore(kind_.Url());
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = *std::move(opened);
  }

  void Apply(const StoreChange& change) {
    const auto revision = ApplyTo(*store_, change);
    ASSERT_TRUE(revision.ok()) << revision.error().message;
  }
  StoredState Load() {
    auto state = store_->registry().Load();
    EXPECT_TRUE(state.ok());
    return state.ok() ? *state : StoredState{};
  }
  std::vector<Observation> Observations() {
    std::vector<Observation> all;
    EXPECT_TRUE(store_->observations()
                    .Visit([&](const Observation& one) {
                      all.push_back(one);
                      return true;
                    })
                    .ok());
    return all;
  }
  void AddDecisions(int from, int to) {
    std::vector<DecisionRecord> decisions;
    for (int i = from; i < to; ++i) decisions.push_back(MakeDecision(i, At(i)));
    ASSERT_TRUE(store_->decisions().Add(decisions).ok());
  }
  static WallTime At(int seconds) {
    static const WallTime start = std::chrono::system_clock::now() - std::chrono::hours(1);
    return start + std::chrono::seconds(seconds);
  }
  std::vector<std::string> Ids(const DecisionFilter& filter) {
    auto page = store_->decisions().List(filter);
    EXPECT_TRUE(page.ok());
    std::vector<std::string> ids;
    if (page.ok()) {
      for (const DecisionRecord& record : *page) ids.push_back(record.id);
    }
    return ids;
  }

  Kind kind_;
  std::unique_ptr<Store> store_;
};

using StoreKinds = ::testing::Types<Memory, Sqlite>;

}  // namespace moerge::testing
