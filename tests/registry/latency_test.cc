#include "registry/latency.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

#include "registry/latency_keeper.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::MakeBackend;
using testing::MakeExpert;
using testing::TempFolder;

WallTime At(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

void AddMany(int count, double ms, LatencyHistogram* histogram) {
  for (int i = 0; i < count; ++i) histogram->Add(ms);
}

TEST(LatencyHistogram, EveryTimeIsReadBackToAboutSixPercent) {
  for (double ms = 0.13; ms < 2e6; ms *= 1.037) {
    LatencyHistogram histogram;
    histogram.Add(ms);
    EXPECT_NEAR(histogram.Quantile(0.5) / ms, 1, 0.065) << ms;
  }
}

TEST(LatencyHistogram, WithoutTimesThereIsNoQuantile) {
  EXPECT_EQ(LatencyHistogram().Quantile(0.5), 0);
}

TEST(LatencyHistogram, OneSlowAnswerInTenIsNotLookedAt) {
  LatencyHistogram histogram;
  histogram.Add(30'000);
  EXPECT_NEAR(histogram.Quantile(0.9), 30'000, 2000);
  for (int others = 1; others < 10; ++others) {
    histogram.Add(100);
    EXPECT_NEAR(histogram.Quantile(0.5), 100, 7) << others;
    EXPECT_NEAR(histogram.Quantile(0.9), 100, 7) << others;
  }
  EXPECT_NEAR(histogram.Quantile(1), 30'000, 2000);
}

TEST(LatencyHistogram, OldTimesFade) {
  LatencyHistogram histogram;
  AddMany(5000, 10, &histogram);
  AddMany(300, 1000, &histogram);
  EXPECT_NEAR(histogram.Quantile(0.5), 1000, 65);
  AddMany(600, 1000, &histogram);
  EXPECT_NEAR(histogram.Quantile(0.05), 1000, 65);
  EXPECT_EQ(histogram.count(), 5900u);
  const LatencyHistogram::Counts counts = histogram.counts();
  EXPECT_LE(std::accumulate(counts.begin(), counts.end(), 0), 256);
}

TEST(LatencyHistogram, WhatIsNoTimeCountsAsTheShortestOrLongest) {
  const double infinite = std::numeric_limits<double>::infinity();
  for (const double wrong : {0.0, -5.0, std::nan(""), -infinite}) {
    LatencyHistogram histogram;
    histogram.Add(wrong);
    EXPECT_LT(histogram.Quantile(0.5), 0.15) << wrong;
    EXPECT_GT(histogram.Quantile(0.5), 0) << wrong;
  }
  for (const double wrong : {1e300, infinite}) {
    LatencyHistogram histogram;
    histogram.Add(wrong);
    EXPECT_GT(histogram.Quantile(0.5), 1.9e6) << wrong;
    EXPECT_TRUE(std::isfinite(histogram.Quantile(0.5)));
  }
}

TEST(LatencyHistogram, ThreadsAddTogether) {
  LatencyHistogram histogram;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&histogram] { AddMany(10'000, 50, &histogram); });
    }
  }
  EXPECT_EQ(histogram.count(), 40'000u);
  EXPECT_NEAR(histogram.Quantile(0.5), 50, 4);
  const LatencyHistogram::Counts counts = histogram.counts();
  EXPECT_LE(std::accumulate(counts.begin(), counts.end(), 0), 1024);
}

TEST(LatencyTable, AnExpertThatNeverAnsweredIsUnknown) {
  const LatencyTable table;
  EXPECT_EQ(table.Find(InternExpert("never")), nullptr);
  EXPECT_EQ(table.Typical(InternExpert("never")).typical_ms, 0);
}

TEST(LatencyTable, EveryExpertHasItsOwn) {
  LatencyTable table;
  for (int i = 0; i < 1000; ++i) {
    table.Add(InternExpert("own" + std::to_string(i)), {.ms = 1.0 + i, .first_ms = 0, .when = {}});
  }
  for (int i = 0; i < 1000; i += 37) {
    const Latency latency = table.Typical(InternExpert("own" + std::to_string(i)));
    EXPECT_NEAR(latency.typical_ms / (1.0 + i), 1, 0.065) << i;
    EXPECT_EQ(latency.typical_ms, latency.high_ms);
  }
}

TEST(LatencyTable, NewAnswersShowAtOnce) {
  LatencyTable table;
  const ExpertId expert = InternExpert("renewed");
  table.Add(expert, {.ms = 100, .first_ms = 10, .when = At(1000)});
  EXPECT_NEAR(table.Typical(expert).typical_ms, 100, 7);
  for (int i = 0; i < 2; ++i) table.Add(expert, {.ms = 800, .first_ms = 0, .when = At(2000)});
  EXPECT_NEAR(table.Typical(expert).typical_ms, 800, 50);
  EXPECT_EQ(table.Find(expert)->last(), At(2000));
  EXPECT_EQ(table.Find(expert)->answers().count(), 3u);
  EXPECT_EQ(table.Find(expert)->first().count(), 1u);
}

TEST(LatencyTable, ComesBackAsItWasSaved) {
  LatencyTable table;
  for (int i = 1; i < 200; ++i) {
    table.Add(InternExpert("kept"), {.ms = 7.0 * i, .first_ms = 0.5 * i, .when = At(i)});
  }
  table.Add(InternExpert("also kept"), {.ms = 3, .first_ms = 0, .when = At(7)});
  LatencyTable other;
  ASSERT_TRUE(other.Restore(table.Save()).ok());
  EXPECT_EQ(other.Save(), table.Save());
  EXPECT_EQ(other.Typical(InternExpert("kept")).high_ms,
            table.Typical(InternExpert("kept")).high_ms);
  EXPECT_EQ(other.Find(InternExpert("kept"))->last(), At(199));
}

TEST(LatencyTable, TakesNothingOfWhatIsDamaged) {
  const std::string one =
      R"({"name":"x","identity":"1","last":5,"answers":{"count":1,"buckets":[3,1]},)"
      R"("first":{"count":0,"buckets":[]}})";
  const auto all = [](const std::string& experts) {
    return R"({"format":1,"experts":[)" + experts + "]}";
  };
  LatencyTable fine;
  ASSERT_TRUE(fine.Restore(all(one)).ok());
  EXPECT_NE(fine.Find(InternExpert("x")), nullptr);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = one;
    changed.replace(changed.find(from), from.size(), to);
    return all(one + "," + changed);
  };
  for (const std::string& wrong :
       {std::string(), std::string("[]"), std::string(R"({"format":2,"experts":[]})"),
        with("[3,1]", "[3]"), with("[3,1]", "[3,-1]"), with("[3,1]", "[300,1]"),
        with("[3,1]", "[3,70000]"), with(R"("count":1)", R"("count":-1)"), with(R"("x")", "5"),
        with(R"("last":5)", R"("last":"5")")}) {
    LatencyTable table;
    EXPECT_FALSE(table.Restore(wrong).ok()) << wrong;
    EXPECT_EQ(table.Find(InternExpert("x")), nullptr) << wrong;
  }
}

// A server's registry over a store that outlives it.
struct Process {
  explicit Process(const std::string& url) : store(*OpenStore(url), metrics) {}

  void Start(std::vector<Expert> experts, const std::string& base_url = "http://127.0.0.1:1/v1") {
    DeclaredState declared;
    declared.backends = {MakeBackend("gpu", Origin::kFile)};
    declared.backends[0].base_url = base_url;
    declared.experts = std::move(experts);
    ASSERT_TRUE(registry.Start(std::move(declared)).ok());
  }

  Metrics metrics;
  LatencyTable table;
  StoreThread store;
  Registry registry{store};
  LatencyKeeper keeper{table, registry, store};
};

class Keeping : public ::testing::Test {
 protected:
  Keeping() {
    Process run(url_);
    run.Start({expert_});
    for (int i = 0; i < 5; ++i) run.table.Add(id_, {.ms = 400, .first_ms = 40, .when = At(99)});
    run.keeper.Save();
    revision_ = run.registry.Current()->revision;
  }

  TempFolder folder_;
  std::string url_ = "sqlite:" + folder_.File("store.db");
  Expert expert_ = MakeExpert("slow", "gpu", Origin::kFile);
  ExpertId id_ = InternExpert("slow");
  std::uint64_t revision_ = 0;
};

TEST_F(Keeping, ARestartFindsWhatWasMeasuredAtTheSameRevision) {
  Process run(url_);
  run.Start({expert_});
  ASSERT_NE(run.table.Find(id_), nullptr);
  EXPECT_EQ(run.table.Find(id_)->answers().count(), 5u);
  EXPECT_EQ(run.table.Find(id_)->first().count(), 5u);
  EXPECT_EQ(run.table.Find(id_)->last(), At(99));
  EXPECT_NEAR(run.table.Typical(id_).typical_ms, 400, 25);
  EXPECT_EQ(run.registry.Current()->revision, revision_);
}

TEST_F(Keeping, AnotherModelOrAddressUnderTheNameStartsOver) {
  Expert other = expert_;
  other.model = "another";
  Process run(url_);
  run.Start({other});
  EXPECT_EQ(run.table.Typical(id_).typical_ms, 0);
  Process moved(url_);
  moved.Start({expert_}, "http://127.0.0.1:2/v1");
  EXPECT_EQ(moved.table.Typical(id_).typical_ms, 0);
}

TEST_F(Keeping, AChangeWhileRunningStartsOver) {
  Process run(url_);
  run.Start({expert_});
  run.table.Add(id_, {.ms = 400, .first_ms = 0, .when = At(100)});
  DeclaredState declared;
  declared.backends = {MakeBackend("gpu", Origin::kFile)};
  declared.backends[0].base_url = "http://127.0.0.1:1/v1";
  declared.experts = {expert_};
  declared.experts[0].description = "the same, told better";
  ASSERT_TRUE(run.registry.Redeclare(declared).ok());
  EXPECT_EQ(run.table.Find(id_)->answers().count(), 6u);
  declared.experts[0].model = "another";
  ASSERT_TRUE(run.registry.Redeclare(declared).ok());
  EXPECT_EQ(run.table.Find(id_)->answers().count(), 0u);
}

TEST_F(Keeping, ARemovedExpertIsForgotten) {
  {
    Process run(url_);
    run.Start({MakeExpert("other", "gpu", Origin::kFile)});
    EXPECT_EQ(run.table.Typical(id_).typical_ms, 0);
    run.keeper.Save();
  }
  Process run(url_);
  run.Start({expert_});
  EXPECT_EQ(run.table.Typical(id_).typical_ms, 0);
}

TEST_F(Keeping, DamagedLatenciesStartOver) {
  {
    Metrics metrics;
    StoreThread store(*OpenStore(url_), metrics);
    store.Run([](Store& to) { ASSERT_TRUE(to.blobs().Put("latencies", "{]").ok()); });
  }
  Process run(url_);
  run.Start({expert_});
  EXPECT_EQ(run.table.Typical(id_).typical_ms, 0);
}

}  // namespace
}  // namespace moerge
