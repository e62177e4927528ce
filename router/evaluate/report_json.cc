#include "router/evaluate/report_json.h"

#include <cmath>

#include "config/base/json.h"

namespace moerge {
namespace {

constexpr int kDigits = 5;

class Report {
 public:
  explicit Report(std::string* out) : json_(out) {}

  void Write(const Leaderboard& board, const ReportSource& source) {
    json_.BeginObject();
    Setup(board, source);
    json_.Key("leaderboard").BeginArray();
    for (const Standing& standing : board.standings) Row(standing);
    json_.EndArray().Key("unavailable").BeginArray();
    for (const Unavailable& each : board.unavailable) {
      json_.BeginObject().Field("name", each.name).Field("lacks", each.lacks).EndObject();
    }
    json_.EndArray();
    Curve("curve_over_k", "k", board.over_count);
    Curve("curve_over_aggregate", "setting", board.over_aggregate);
    Curve("curve_over_price", "price_weight", board.over_price);
    Curve("curve_over_abstain", "abstain_below", board.over_abstain);
    Pairs(board.skill_pairs);
    Pruned(board.pruning);
    json_.EndObject();
  }

 private:
  void Number(std::string_view key, double value) {
    json_.Key(key);
    if (std::isnan(value)) {
      json_.Null();
    } else {
      json_.Fixed(value, kDigits);
    }
  }

  void Setup(const Leaderboard& board, const ReportSource& source) {
    json_.Field("train", source.train).Key("test");
    if (source.test.empty()) {
      json_.Null();
    } else {
      json_.String(source.test);
    }
    json_.Field("folds", board.folds).Field("questions", board.questions);
    json_.Field("seed", source.seed).Field("resamples", source.resamples);
    json_.Key("experts").BeginArray();
    for (std::size_t i = 0; i < board.experts.size(); ++i) {
      json_.BeginObject().Field("name", board.experts[i]);
      Number("accuracy", board.expert_means[i]);
      Number("price", board.expert_prices[i]);
      json_.EndObject();
    }
    json_.EndArray().Key("pair");
    if (board.strong.empty()) {
      json_.Null();
    } else {
      json_.BeginObject().Field("strong", board.strong).Field("weak", board.weak).EndObject();
    }
  }

  void Interval(std::string_view key, const Estimate& estimate) {
    json_.Key(key).BeginObject();
    Number("mean", estimate.mean);
    Number("low", estimate.low);
    Number("high", estimate.high);
    json_.EndObject();
  }

  void Row(const Standing& standing) {
    const Summary& summary = standing.summary;
    json_.BeginObject().Field("name", standing.contestant.name);
    json_.Field("kind", standing.contestant.kind);
    if (!standing.contestant.note.empty()) json_.Field("note", standing.contestant.note);
    if (standing.contestant.kind != "baseline") PolicyOf(standing.contestant.policy);
    json_.Key("axes").BeginObject();
    for (const auto& [name, value] : Listed(standing.axes)) json_.Key(name).String(value);
    json_.EndObject();
    Interval("accuracy", standing.score);
    Interval("accuracy_of_answered", standing.answered);
    Interval("versus_best_single", standing.versus_best_single);
    Interval("versus_task_level", standing.versus_task_level);
    Number("calls", summary.calls);
    Number("fixed_panel_at_equal_calls", standing.fixed_at_equal_calls);
    Number("price", summary.price);
    Number("abstained", summary.abstained);
    json_.Key("decision_us").BeginObject();
    Number("p50", summary.micros_median);
    Number("p99", summary.micros_high);
    json_.EndObject();
    Calibration("expected_score", summary.expected);
    Calibration("category_confidence", summary.confidence);
    Coverage(summary.coverage);
    Category(standing);
    json_.Key("unchanged").BeginObject();
    Number("typos", summary.same_under_typos);
    Number("capitals", summary.same_in_capitals);
    json_.EndObject();
    Slices(summary);
    if (standing.gap) GapOf(*standing.gap);
    json_.EndObject();
  }

  void PolicyOf(const Policy& policy) {
    json_.Key("policy").BeginObject().Field("classifier", policy.classifier);
    json_.Field("recruiter", policy.recruiter).Field("experts", policy.experts);
    json_.Field("aggregate", policy.aggregate).Field("price_weight", policy.price_weight);
    json_.Field("min_score", policy.min_score).Key("options").BeginObject();
    for (const auto& [name, value] : policy.options) json_.Field(name, value);
    json_.EndObject().EndObject();
  }

  void Calibration(std::string_view key, const Reliability& reliability) {
    json_.Key(key).BeginObject().Field("rows", reliability.rows);
    const bool known = reliability.rows > 0;
    Number("calibration_error", known ? reliability.error : Outcome::kUnknown);
    Number("brier", known ? reliability.brier : Outcome::kUnknown);
    json_.Key("bins").BeginArray();
    for (const ReliabilityBin& bin : reliability.bins) {
      if (bin.rows == 0) continue;
      json_.BeginObject().Field("rows", bin.rows);
      Number("predicted", bin.predicted);
      Number("happened", bin.happened);
      json_.EndObject();
    }
    json_.EndArray().EndObject();
  }

  void Coverage(const RiskCoverage& coverage) {
    json_.Key("risk_coverage").BeginObject().Field("rows", coverage.rows);
    Number("aurc", coverage.aurc);
    json_.Key("curve").BeginArray();
    for (std::size_t i = 0; i < kCoverages.size(); ++i) {
      json_.BeginObject();
      Number("coverage", kCoverages[i]);
      Number("accuracy", coverage.accuracy[i]);
      json_.EndObject();
    }
    json_.EndArray().EndObject();
  }

  void Category(const Standing& standing) {
    const Summary& summary = standing.summary;
    json_.Key("category").BeginObject();
    Number("accuracy", summary.category_accuracy);
    Number("table_with_predicted", summary.table_predicted);
    Number("table_with_true", standing.table_true);
    Number("gap", standing.table_true - summary.table_predicted);
    json_.EndObject();
  }

  void Slices(const Summary& summary) {
    const auto part = [&](std::string_view name, const SliceMean& slice) {
      json_.Key(name).BeginObject();
      Number("accuracy", slice.score);
      Number("calls", slice.calls);
      json_.EndObject();
    };
    json_.Key("slices").BeginObject();
    part("easy_third", summary.tercile[0]);
    part("middle_third", summary.tercile[1]);
    part("hard_third", summary.tercile[2]);
    part("small_margin_quarter", summary.by_margin[1]);
    part("elsewhere", summary.by_margin[0]);
    json_.EndObject();
  }

  void GapOf(const GapReport& gap) {
    json_.Key("pair").BeginObject();
    Number("weak", gap.weak);
    Number("strong", gap.strong);
    Number("apgr", gap.apgr);
    Number("apgr_every_threshold", gap.apgr_exact);
    Number("cpt50", gap.cpt50);
    Number("cpt80", gap.cpt80);
    json_.Key("curve").BeginArray();
    for (const SharePoint& point : gap.curve) {
      json_.BeginObject();
      Number("strong_share", point.share);
      Number("accuracy", point.quality);
      Number("price", point.price);
      json_.EndObject();
    }
    json_.EndArray().EndObject();
  }

  void Curve(std::string_view key, std::string_view at, const std::vector<CurvePoint>& points) {
    json_.Key(key).BeginArray();
    for (const CurvePoint& point : points) {
      json_.BeginObject().Field("series", point.series).Key(at).Number(point.at);
      Number("calls", point.calls);
      Number("price", point.price);
      Interval("accuracy", point.score);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void Pairs(const SkillPairReport& pairs) {
    json_.Key("skill_pairs");
    if (pairs.questions == 0) {
      json_.Null();
      return;
    }
    json_.BeginObject().Field("questions", pairs.questions).Field("pairs", pairs.pairs);
    Number("product_error", pairs.product_error);
    Number("mean_error", pairs.mean_error);
    json_.EndObject();
  }

  void Pruned(const PruningReport& pruning) {
    json_.Key("pruning").BeginObject().Key("kept").BeginArray();
    for (const std::string& name : pruning.kept) json_.String(name);
    json_.EndArray();
    Number("accuracy_of_all", pruning.full);
    Number("held_out_accuracy", pruning.held_out);
    Number("held_out_size", pruning.held_out_size);
    json_.EndObject();
  }

  json::Writer json_;
};

}  // namespace

std::string LeaderboardJson(const Leaderboard& board, const ReportSource& source) {
  std::string out;
  Report(&out).Write(board, source);
  return out + "\n";
}

}  // namespace moerge
