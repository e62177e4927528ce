#include "services/cli/eval_text.h"

#include <cmath>
#include <cstdio>

#include "services/cli/text_table.h"
#include "services/cli/texts.h"

namespace moerge::cli {
namespace {

std::string Text(const char* format, double value) {
  if (std::isnan(value)) return "-";
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string Points(double difference) { return Text("%+.1f", 100 * difference); }

std::string Interval(const Estimate& estimate) {
  return "[" + Percent(estimate.low) + ", " + Percent(estimate.high) + "]";
}

std::string PointInterval(const Estimate& estimate) {
  return "[" + Points(estimate.low) + ", " + Points(estimate.high) + "]";
}

std::string ErrorText(const Reliability& reliability) {
  return Text("%.3f", reliability.rows == 0 ? Outcome::kUnknown : reliability.error);
}

std::string Heading(const Leaderboard& board) {
  std::string text = std::to_string(board.questions) + " questions, " +
                     std::to_string(board.experts.size()) + " experts, ";
  text += board.folds == 1 ? "a test table of its own"
                           : std::to_string(board.folds) + " folds of one table";
  return text + "; accuracy in %, 95 % bootstrap intervals\n\n";
}

std::string Main(const Leaderboard& board) {
  TextTable table({"POLICY", "ACCURACY", "", "OVER BEST SINGLE", "", "CALLS", "PRICE", "CPU us",
                   "ECE SCORE", "ECE SKILL", "SKILL RIGHT", "TYPOS", "CAPITALS"});
  for (const Standing& row : board.standings) {
    const Summary& summary = row.summary;
    table.Add({row.contestant.name, Percent(row.score.mean), Interval(row.score),
               Points(row.versus_best_single.mean), PointInterval(row.versus_best_single),
               Text("%.2f", summary.calls), board.has_prices ? Text("%.3f", summary.price) : "-",
               Text("%.0f", summary.micros_median), ErrorText(summary.expected),
               ErrorText(summary.confidence), Percent(summary.category_accuracy),
               Percent(summary.same_under_typos), Percent(summary.same_in_capitals)});
  }
  return table.Format();
}

std::string Notes(const Leaderboard& board) {
  std::string text;
  for (const Standing& row : board.standings) {
    if (row.contestant.note.empty()) continue;
    text += row.contestant.name + ": " + row.contestant.note + "\n";
  }
  for (const Unavailable& each : board.unavailable) {
    text += "not judged: " + each.name + ", " + each.lacks + "\n";
  }
  return text;
}

// What a policy does that answers only what it expects to get right.
std::string Abstained(const Leaderboard& board) {
  TextTable table({"POLICY", "ANSWERED", "RIGHT OF THESE", ""});
  bool any = false;
  const auto add = [&](const std::string& name, double share, const Estimate& right) {
    table.Add({name, Percent(share), Percent(right.mean), Interval(right)});
    any = true;
  };
  for (const CurvePoint& point : board.over_abstain) {
    add("experts.abstain=" + Text("%.1f", point.at), point.calls, point.score);
  }
  for (const Standing& row : board.standings) {
    if (row.summary.abstained > 0) {
      add(row.contestant.name, 1 - row.summary.abstained, row.answered);
    }
  }
  if (!any) return {};
  return "\nSome questions left unanswered: the default policy by its threshold, then the rows "
         "above that do so\n" +
         table.Format();
}

// How right a policy is where it is surest, by its own confidence in the answer.
std::string Coverages(const Leaderboard& board) {
  TextTable table({"POLICY", "SURE, RIGHT AT 50 %", "AT 80 %", "AT 100 %", "AURC"});
  bool any = false;
  for (const Standing& row : board.standings) {
    const RiskCoverage& coverage = row.summary.coverage;
    if (coverage.rows == 0) continue;
    std::vector<std::string> cells = {row.contestant.name};
    for (const double accuracy : coverage.accuracy) cells.push_back(Percent(accuracy));
    cells.push_back(Text("%.3f", coverage.aurc));
    table.Add(cells);
    any = true;
  }
  if (!any) return {};
  return "\nRisk and coverage: right on the half, four fifths, all of the questions that a policy "
         "is "
         "surest of; area under the risk-coverage curve (less is better)\n" +
         table.Format();
}

std::string Slices(const Leaderboard& board) {
  TextTable table({"POLICY", "EASY THIRD", "CALLS", "HARD THIRD", "CALLS", "SMALL MARGIN", "CALLS",
                   "FIXED PANEL, SAME CALLS", "OVER TASK-LEVEL", "", "TABLE, PREDICTED", "TRUE",
                   "GAP"});
  for (const Standing& row : board.standings) {
    const Summary& summary = row.summary;
    table.Add({row.contestant.name, Percent(summary.tercile[0].score),
               Text("%.2f", summary.tercile[0].calls), Percent(summary.tercile[2].score),
               Text("%.2f", summary.tercile[2].calls), Percent(summary.by_margin[1].score),
               Text("%.2f", summary.by_margin[1].calls), Percent(row.fixed_at_equal_calls),
               Points(row.versus_task_level.mean), PointInterval(row.versus_task_level),
               Percent(summary.table_predicted), Percent(row.table_true),
               Points(row.table_true - summary.table_predicted)});
  }
  return "\nSlices (thirds by how many experts are right; the quarter with the smallest lead), "
         "the fixed panel that costs as many calls,\nthe task-level baseline, and the category "
         "table told the predicted and the true category:\n" +
         table.Format();
}

std::string Gaps(const Leaderboard& board) {
  if (board.strong.empty()) return {};
  TextTable table({"POLICY", "APGR", "EVERY THRESHOLD", "CPT50", "CPT80"});
  for (const Standing& row : board.standings) {
    if (!row.gap) continue;
    table.Add({row.contestant.name, Text("%.3f", row.gap->apgr), Text("%.3f", row.gap->apgr_exact),
               Percent(row.gap->cpt50), Percent(row.gap->cpt80)});
  }
  return "\nStrong " + board.strong + ", weak " + board.weak +
         ": gap recovered over calls of the strong one (RouteLLM)\n" + table.Format();
}

std::string Curve(const std::vector<CurvePoint>& points, const std::string& title,
                  const std::string& at, const char* format) {
  if (points.empty()) return {};
  TextTable table({"SERIES", at, "CALLS", "PRICE", "ACCURACY", ""});
  for (const CurvePoint& point : points) {
    table.Add({point.series, Text(format, point.at), Text("%.2f", point.calls),
               Text("%.3f", point.price), Percent(point.score.mean), Interval(point.score)});
  }
  return "\n" + title + "\n" + table.Format();
}

std::string Pruned(const PruningReport& pruning) {
  if (pruning.kept.empty()) return {};
  std::string text = "\nOne call with every expert " + Percent(pruning.full) + " %; with the " +
                     Text("%.1f", pruning.held_out_size) +
                     " experts needed to stay within a point (chosen on one half, judged on the "
                     "other) " +
                     Percent(pruning.held_out) + " %. On all questions:";
  for (const std::string& name : pruning.kept) text += " " + name;
  return text + "\n";
}

std::string Pairs(const SkillPairReport& pairs) {
  if (pairs.questions == 0) return {};
  return "\n" + std::to_string(pairs.questions) + " questions of " + std::to_string(pairs.pairs) +
         " pairs of skills: predicted from the single skills by their product, an expert's mean is "
         "off by " +
         Percent(pairs.product_error) + " points; by their mean, by " + Percent(pairs.mean_error) +
         "\n";
}

std::string Axes(const Leaderboard& board) {
  std::vector<std::string> header = {"POLICY"};
  for (const auto& each : Listed({})) header.emplace_back(each.first);
  TextTable table(header);
  for (const Standing& row : board.standings) {
    std::vector<std::string> cells = {row.contestant.name};
    for (const auto& each : Listed(row.axes)) cells.emplace_back(each.second);
    table.Add(cells);
  }
  return "\nDesign choices (axes of the MoErging survey)\n" + table.Format();
}

}  // namespace

std::string DescribeLeaderboard(const Leaderboard& board, bool axes) {
  std::string text = Heading(board) + Main(board) + Notes(board);
  text += Slices(board) + Gaps(board) + Abstained(board);
  text += Coverages(board);
  text += Curve(board.over_aggregate, "Aggregates: by size, or target", "AT", "%.4g");
  text += Curve(board.over_count, "Votes of k experts", "K", "%.0f");
  text += Curve(board.over_price, "Quality against price", "PRICE WEIGHT", "%.4g");
  text += Pairs(board.skill_pairs) + Pruned(board.pruning);
  if (axes) text += Axes(board);
  return text;
}

}  // namespace moerge::cli
