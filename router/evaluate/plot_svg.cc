#include "router/evaluate/plot_svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "router/evaluate/svg_canvas.h"

namespace moerge {
namespace {

constexpr double kWidth = 920;
constexpr double kLeft = 210;   // of the rows' panel: room for short names
constexpr double kRight = 850;  // values stand behind it
constexpr double kRowHeight = 21;
constexpr double kPanelHeight = 320;
constexpr double kPanelLeft = 60;
constexpr double kPanelRight = 730;  // labels of curves stand behind it

std::string Format(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value == 0 ? 0.0 : value);  // never "-0"
  return text;
}
std::string Percent(double share) { return Format("%.1f", 100 * share); }

struct Range {
  double low = HUGE_VAL;
  double high = -HUGE_VAL;
  void Add(double value) {
    if (std::isnan(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Some air on both sides, and never empty.
  Range Padded() const {
    const double air = std::max((high - low) * 0.05, 1e-3);
    return {low - air, high + air};
  }
};

std::string_view StyleOf(const Contestant& contestant) {
  if (contestant.kind == "baseline") return "c";
  if (contestant.kind == "default") return "a";
  return contestant.kind == "vote" ? "b" : "d";
}

std::string With(std::string_view style, std::string_view more) {
  return std::string(style) + " " + std::string(more);
}

double Place(const Standing& row) { return row.score.mean; }

// Room for the longest name, half of the width at most.
double LeftOf(const std::vector<const Standing*>& rows) {
  constexpr double kLetter = 6.7;
  double left = kLeft;
  for (const Standing* row : rows) {
    left = std::max(left, 24 + kLetter * static_cast<double>(row->contestant.name.size()));
  }
  return std::min(left, kWidth / 2);
}

void DrawRows(const Leaderboard& board, double top, SvgCanvas* canvas) {
  std::vector<const Standing*> rows;
  Range range;
  for (const Standing& row : board.standings) {
    rows.push_back(&row);
    range.Add(row.score.low);
    range.Add(row.score.high);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Standing* a, const Standing* b) { return Place(*a) > Place(*b); });
  range = range.Padded();
  const double left = LeftOf(rows);
  const Scale x{range.low, range.high, left, kRight};
  const double bottom = top + 30 + kRowHeight * static_cast<double>(rows.size());
  canvas->Text({20, top}, "Accuracy in %, 95 % bootstrap interval", "heading");
  for (const double tick : Ticks(100 * range.low, 100 * range.high, 8)) {
    canvas->Line({x.At(tick / 100), top + 14}, {x.At(tick / 100), bottom}, "grid");
    canvas->Text({x.At(tick / 100), bottom + 16}, Format("%g", tick), "faint", TextAnchor::kMiddle);
  }
  double y = top + 32;
  for (const Standing* row : rows) {
    const std::string_view style = StyleOf(row->contestant);
    if (row->contestant.name == "best-single") {
      canvas->Line({x.At(Place(*row)), top + 14}, {x.At(Place(*row)), bottom}, "mark");
    }
    canvas->Text({left - 10, y + 4}, row->contestant.name, "", TextAnchor::kEnd);
    canvas->Line({x.At(row->score.low), y}, {x.At(row->score.high), y}, With(style, "bar"));
    canvas->Circle({x.At(Place(*row)), y}, 4, style);
    canvas->Text({kRight + 14, y + 4}, Percent(Place(*row)), "");
    y += kRowHeight;
  }
}

struct Label {
  Spot at;
  std::string text;
  std::string_view style;  // of the curve
};

// Moves labels down until none covers another.
void DrawLabels(std::vector<Label> labels, SvgCanvas* canvas) {
  std::sort(labels.begin(), labels.end(),
            [](const Label& a, const Label& b) { return a.at.y < b.at.y; });
  double least = -HUGE_VAL;
  for (Label& label : labels) {
    label.at.y = std::max(label.at.y, least);
    least = label.at.y + 15;
    canvas->Circle({kPanelRight + 12, label.at.y}, 4, label.style);
    canvas->Text({kPanelRight + 22, label.at.y + 4}, label.text, "");
  }
}

struct Panel2D {
  Scale x;
  Scale y;
};

Panel2D DrawFrame(const std::string& title, const std::string& below, Range x, Range y, double top,
                  SvgCanvas* canvas) {
  x = x.Padded();
  y = y.Padded();
  const double bottom = top + kPanelHeight - 60;
  const Panel2D panel{{x.low, x.high, kPanelLeft, kPanelRight}, {y.low, y.high, bottom, top + 20}};
  canvas->Text({20, top}, title, "heading");
  for (const double tick : Ticks(100 * y.low, 100 * y.high, 6)) {
    const double at = panel.y.At(tick / 100);
    canvas->Line({kPanelLeft, at}, {kPanelRight, at}, "grid");
    canvas->Text({kPanelLeft - 8, at + 4}, Format("%g", tick), "faint", TextAnchor::kEnd);
  }
  for (const double tick : Ticks(x.low, x.high, 8)) {
    canvas->Text({panel.x.At(tick), bottom + 18}, Format("%g", tick), "faint", TextAnchor::kMiddle);
  }
  canvas->Text({(kPanelLeft + kPanelRight) / 2, bottom + 38}, below, "faint", TextAnchor::kMiddle);
  return panel;
}

using Series = std::map<std::string, std::vector<CurvePoint>>;

void DrawCurves(const Panel2D& panel, const Series& series, double CurvePoint::*across,
                SvgCanvas* canvas) {
  constexpr std::string_view kStyles[] = {"a", "d", "c", "b", "e", "f"};
  std::vector<Label> labels;
  std::size_t next = 0;
  for (const auto& [name, points] : series) {
    const std::string_view style = kStyles[next++ % std::size(kStyles)];
    std::vector<Spot> spots;
    for (const CurvePoint& point : points) {
      const Spot spot{panel.x.At(point.*across), panel.y.At(point.score.mean)};
      canvas->Line({spot.x, panel.y.At(point.score.low)}, {spot.x, panel.y.At(point.score.high)},
                   With(style, "bar"));
      canvas->Circle(spot, 3, style);
      spots.push_back(spot);
    }
    canvas->Path(spots, With(style, "curve"));
    labels.push_back({{0, spots.back().y}, name, style});
  }
  DrawLabels(std::move(labels), canvas);
}

struct Plot2D {
  std::string title;
  std::string below;
  std::vector<CurvePoint> points;
  double CurvePoint::*across;
};

void Draw(const Plot2D& plot, double top, SvgCanvas* canvas) {
  Range x, y;
  Series series;
  for (const CurvePoint& point : plot.points) {
    series[point.series].push_back(point);
    x.Add(point.*plot.across);
    y.Add(point.score.low);
    y.Add(point.score.high);
  }
  const Panel2D panel = DrawFrame(plot.title, plot.below, x, y, top, canvas);
  DrawCurves(panel, series, plot.across, canvas);
}

// Those of votes by size, and of the aggregates that are compared, with fixed panels.
std::vector<Plot2D> Plots(const Leaderboard& board) {
  const std::string calls = "calls per question";
  std::vector<Plot2D> plots;
  if (!board.over_count.empty()) {
    plots.push_back({"Accuracy in % over " + calls, calls, board.over_count, &CurvePoint::calls});
  }
  if (board.over_aggregate.empty()) return plots;
  std::vector<CurvePoint> points = board.over_aggregate;
  for (const CurvePoint& point : board.over_count) {
    if (point.series == "fixed") points.push_back(point);
  }
  plots.push_back({"Accuracy in % of aggregates over " + calls, calls, points, &CurvePoint::calls});
  if (!board.has_prices) return plots;
  plots.push_back({"Accuracy in % of aggregates over price", "USD per million tokens, all calls",
                   std::move(points), &CurvePoint::price});
  return plots;
}

// The default policy's sweep and each expert alone.
void DrawPrice(const Leaderboard& board, double top, SvgCanvas* canvas) {
  Range x, y;
  Series series;
  for (const CurvePoint& point : board.over_price) {
    series["auto, by price weight"].push_back(point);
    x.Add(point.price);
    y.Add(point.score.low);
    y.Add(point.score.high);
  }
  for (std::size_t i = 0; i < board.experts.size(); ++i) {
    x.Add(board.expert_prices[i]);
    y.Add(board.expert_means[i]);
  }
  const Panel2D panel =
      DrawFrame("Accuracy in % over price", "USD per million tokens", x, y, top, canvas);
  DrawCurves(panel, series, &CurvePoint::price, canvas);
  for (std::size_t i = 0; i < board.experts.size(); ++i) {
    const Spot spot{panel.x.At(board.expert_prices[i]), panel.y.At(board.expert_means[i])};
    if (std::isnan(spot.y)) continue;
    canvas->Circle(spot, 4, "b");
    const bool far = spot.x > (kPanelLeft + kPanelRight) / 2;
    canvas->Text({spot.x + (far ? -8 : 8), spot.y + (far ? -10 : 16)}, board.experts[i], "faint",
                 far ? TextAnchor::kEnd : TextAnchor::kStart);
  }
}

}  // namespace

std::string LeaderboardSvg(const Leaderboard& board) {
  const std::vector<Plot2D> plots = Plots(board);
  const bool price = !board.over_price.empty();
  const double rows = 90 + kRowHeight * static_cast<double>(board.standings.size());
  const auto panels = static_cast<double>(plots.size()) + (price ? 1 : 0);
  SvgCanvas canvas(kWidth, rows + kPanelHeight * panels, "Leaderboard of routing policies");
  DrawRows(board, 30, &canvas);
  double top = rows + 20;
  for (const Plot2D& plot : plots) {
    Draw(plot, top, &canvas);
    top += kPanelHeight;
  }
  if (price) DrawPrice(board, top, &canvas);
  return std::move(canvas).Finish();
}

}  // namespace moerge
